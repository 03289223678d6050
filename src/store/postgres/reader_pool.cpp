#include "store/postgres/reader_pool.hpp"

namespace pulse::store::postgres {

ReaderPool::ReaderPool(const ConnectionSettings& settings, Gate& gate, unsigned threads, std::size_t limit,
                       Duration patience)
    : settings_(settings), gate_(gate), queue_(limit, patience) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { loop(); });
}

ReaderPool::~ReaderPool() { stop(); }

void ReaderPool::stop() {
    queue_.stop();
    queue_.refuse_all();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void ReaderPool::loop() {
    ThreadConnection<Reads> session(settings_, gate_);
    while (true) {
        const auto jobs = queue_.take([](auto& waiting) {
            JobQueue<Job>::Jobs first;
            first.push_back(std::move(waiting.front()));
            waiting.pop_front();
            return first;
        });
        if (jobs.empty()) return;
        run_one(session, *jobs.front());
    }
}

void ReaderPool::run_one(ThreadConnection<Reads>& session, Job& job) {
    ++reads_;
    constexpr int attempts = 3;
    bool lost_before = false;
    for (int attempt = 1;; ++attempt) {
        try {
            job.run(session.open());
            if (failing_ && failing_.exchange(false)) log::info("store: reading works again");
            return;
        } catch (const std::exception&) {
            auto failure = current_failure();
            const bool lost = failure.link == Link::lost;
            if (lost) session.drop();
            // A lost connection is tried anew once: the server may have closed this one alone.
            if (failure.again == Again::worthwhile && attempt < attempts && !(lost && lost_before)) {
                lost_before = lost;
                continue;
            }
            if (failure.error.code != ErrorCode::invalid) {
                ++errors_;
                if (!failing_.exchange(true)) log::error("store: cannot read: {}", failure.error.message);
            }
            job.refuse(std::move(failure.error));
            return;
        }
    }
}

}  // namespace pulse::store::postgres
