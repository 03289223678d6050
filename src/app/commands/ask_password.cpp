#include "app/commands/ask_password.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string_view>
#include <utility>

namespace pulse::app {
namespace {

constexpr char interrupt = '\x03';

// The terminal itself, not standard input or output: they may be redirected.
class Terminal {
public:
    Terminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {
        if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
        // Nothing may leave a terminal without echo behind: signals wait until it is back, and Ctrl-C is
        // read as what ends the line.
        sigset_t interrupting;
        sigemptyset(&interrupting);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) sigaddset(&interrupting, signal);
        ::pthread_sigmask(SIG_BLOCK, &interrupting, &signals_before_);
        auto silent = before_;
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG);
        silent.c_cc[VEOL] = interrupt;
        usable_ = ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
        if (!usable_) ::pthread_sigmask(SIG_SETMASK, &signals_before_, nullptr);
    }
    ~Terminal() {
        if (usable_) {
            ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
            ::pthread_sigmask(SIG_SETMASK, &signals_before_, nullptr);
        }
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Terminal(const Terminal&) = delete;

    bool usable() const { return usable_; }

    // The line typed; nullopt for end of input or Ctrl-C.
    std::optional<std::string> ask(std::string_view question) const {
        write(question);
        std::string line;
        for (;;) {
            char c = 0;
            const auto got = ::read(descriptor_, &c, 1);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0 || c == interrupt) break;
            if (c == '\n') {
                write("\n");
                return line;
            }
            line += c;
        }
        write("\n");
        return std::nullopt;
    }

private:
    void write(std::string_view text) const {
        while (!text.empty()) {
            const auto wrote = ::write(descriptor_, text.data(), text.size());
            if (wrote <= 0) return;
            text.remove_prefix(std::size_t(wrote));
        }
    }

    int descriptor_;
    termios before_{};
    sigset_t signals_before_{};
    bool usable_ = false;
};

Error failure(std::string message) { return Error{ErrorCode::invalid, std::move(message)}; }

}  // namespace

Result<std::string> ask_password() {
    const Terminal terminal;
    if (!terminal.usable())
        return failure("there is no terminal to ask for the password on; use --password-stdin");
    auto password = terminal.ask("Password: ");
    const auto again = password ? terminal.ask("Again: ") : std::nullopt;
    if (!again) return failure("no password was given");
    if (*password != *again) return failure("the two passwords differ");
    return std::move(*password);
}

}  // namespace pulse::app
