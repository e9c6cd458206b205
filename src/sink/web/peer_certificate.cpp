#include "sink/web/peer_certificate.h"

#include <gnutls/gnutls.h>
#include <microhttpd.h>

namespace plateau::sink::web {

PeerCertificate peer_certificate(MHD_Connection* connection) {
  const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
  auto* session = info ? static_cast<gnutls_session_t>(info->tls_session) : nullptr;
  unsigned count = 0;
  if (!session || !gnutls_certificate_get_peers(session, &count) || count == 0) return PeerCertificate::none;
  unsigned status = 0;
  const bool checked = gnutls_certificate_verify_peers2(session, &status) == GNUTLS_E_SUCCESS;
  return checked && status == 0 ? PeerCertificate::good : PeerCertificate::bad;
}

}  // namespace plateau::sink::web
