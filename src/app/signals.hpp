#pragma once
// SIGINT and SIGTERM for a program whose other threads must not see them.
#include "base/clock.hpp"

namespace pulse::app {

// Blocks the signals in this thread and those it starts; call before any thread is made. SIGXFSZ is ignored.
class Signals {
public:
    Signals();
    // Waits until one arrives; the next one ends the program at once, for an operator who will not wait.
    void wait();
};

}  // namespace pulse::app
