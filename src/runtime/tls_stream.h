#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/stream.h"
#include "runtime/task.h"

namespace portolan::runtime {

class TlsCredentials;

// TLS 1.3 (RFC 8446) as a Stream over a Stream, by OpenSSL.

// Errors: bad_configuration, when PEM text does not parse or does not fit together.
Result<std::shared_ptr<TlsCredentials>> make_tls_credentials(const TlsMaterial& material);

// The server's side; the handshake happens with the first read or write.
Result<std::unique_ptr<Stream>> make_tls_server(Shard& shard, std::unique_ptr<Stream> inner,
                                                const Credentials& credentials);

// The client's side, handshaken. Errors: untrusted_peer and those of the stream.
Task<Result<std::unique_ptr<Stream>>> connect_tls(Shard& shard, std::unique_ptr<Stream> inner,
                                                  std::shared_ptr<const Credentials> credentials,
                                                  std::string server_name);

}  // namespace portolan::runtime
