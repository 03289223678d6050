#include "app/assets.hpp"

extern "C" {
extern const char pulse_index_html[];
extern const char pulse_index_html_end[];
extern const char pulse_socket_io_client[];
extern const char pulse_socket_io_client_end[];
}

namespace pulse::app {

std::string_view index_html() { return {pulse_index_html, pulse_index_html_end}; }
std::string_view socket_io_client() { return {pulse_socket_io_client, pulse_socket_io_client_end}; }

}  // namespace pulse::app
