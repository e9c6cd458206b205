#pragma once

struct MHD_Connection;

namespace plateau::sink::web {

// What a client's certificate on this TLS connection is worth: signed by the authority that the server was
// given.
enum class PeerCertificate { none, good, bad };
PeerCertificate peer_certificate(MHD_Connection* connection);

}  // namespace plateau::sink::web
