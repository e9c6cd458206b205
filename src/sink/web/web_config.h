// A web configuration file in Prometheus' form (exporter-toolkit's web-configuration.md): tls_server_config,
// http_server_config and basic_auth_users.
#pragma once

#include <string>

#include "base/result.h"
#include "sink/web/security.h"

namespace plateau::sink::web {

// Reads the file and the certificates that it names (relative to itself). ExitCode::usage for what cannot be
// read, is not YAML, has a key that is not known, or asks for what is not there: nothing that was asked for
// is left out in silence.
Result<Security> read_web_config(const std::string& path);

}  // namespace plateau::sink::web
