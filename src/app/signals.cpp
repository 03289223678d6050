#include "app/signals.hpp"

#include <pthread.h>
#include <signal.h>
#include <stdexcept>

namespace pulse::app {
namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

}  // namespace

Signals::Signals() {
    const auto set = stop_signals();
    // At a limit on the size of files a write fails as on a full disk, which the store copes with.
    signal(SIGXFSZ, SIG_IGN);
    if (pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) throw std::runtime_error("cannot block signals");
}

void Signals::wait() {
    const auto set = stop_signals();
    int number = 0;
    while (sigwait(&set, &number) != 0) {
    }
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace pulse::app
