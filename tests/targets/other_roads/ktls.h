// TLS in the kernel (kTLS) without a handshake: both ends are given the same keys, which are no secret.
#pragma once

#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>
#include <string_view>

namespace plateau::ktls {

// TLS on the connection, without keys: bytes go as they are. False: this kernel has it not.
inline bool attach(int fd) {
  constexpr std::string_view kName = "tls";
  return ::setsockopt(fd, IPPROTO_TCP, TCP_ULP, kName.data(), kName.size()) == 0;
}

// Records of TLS 1.2 with AES-128-GCM from here on, both ways.
inline bool encrypt(int fd) {
  constexpr int kSolTls = 282;  // SOL_TLS, which glibc's headers have from 2.37 on
  tls12_crypto_info_aes_gcm_128 keys{};
  keys.info.version = TLS_1_2_VERSION;
  keys.info.cipher_type = TLS_CIPHER_AES_GCM_128;
  std::memset(keys.key, 'k', sizeof keys.key);
  std::memset(keys.salt, 's', sizeof keys.salt);
  return attach(fd) && ::setsockopt(fd, kSolTls, TLS_TX, &keys, sizeof keys) == 0 &&
         ::setsockopt(fd, kSolTls, TLS_RX, &keys, sizeof keys) == 0;
}

}  // namespace plateau::ktls
