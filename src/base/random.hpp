#pragma once
// Randomness that cannot be guessed (the kernel-seeded CSPRNG of OpenSSL). Any thread.
#include <cstddef>
#include <span>
#include <string>

namespace pulse {

// Throws std::runtime_error if the system has no entropy: nothing secret may be made then.
void random_bytes(std::span<unsigned char> out);

// `bytes` random bytes as base64url without padding: 15 bytes give the 20 characters of a session id.
std::string random_base64url(std::size_t bytes);

}  // namespace pulse
