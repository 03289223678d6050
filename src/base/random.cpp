#include "base/random.hpp"

#include <openssl/rand.h>

#include <stdexcept>
#include <vector>

#include "base/base64.hpp"

namespace pulse {

void random_bytes(std::span<unsigned char> out) {
    if (RAND_bytes(out.data(), int(out.size())) != 1)
        throw std::runtime_error("the system gives no randomness");
}

std::string random_base64url(std::size_t bytes) {
    std::vector<unsigned char> raw(bytes);
    random_bytes(raw);
    return base64url_encode({reinterpret_cast<const char*>(raw.data()), raw.size()});
}

}  // namespace pulse
