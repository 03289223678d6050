#pragma once
// Frames that wait for one client, in order. Owns memory only while something waits. Pure.
#include <sys/uio.h>

#include <memory>
#include <span>

#include "engineio/frame.hpp"

namespace pulse::engineio {

class Outbox {
public:
    bool empty() const { return head_ == tail_; }
    std::size_t size() const { return tail_ - head_; }
    std::size_t bytes() const { return bytes_; }   // not yet sent
    bool cut() const { return front_sent_ != 0; }  // the first frame left in part

    void push(FramePtr frame);
    // Before everything that waits, but never into a frame that has partly left.
    void push_urgent(FramePtr frame);
    // The next bytes to send, as many pieces as fit; returns the pieces used.
    std::size_t gather(std::span<iovec> pieces) const;
    // So many of the gathered bytes are gone.
    void consume(std::size_t bytes);
    void clear();

    std::span<const FramePtr> frames() const { return {places() + head_, size()}; }

private:
    const FramePtr* places() const { return block_ ? block_.get() : &one_; }
    FramePtr* places() { return block_ ? block_.get() : &one_; }
    void make_room();

    // Most of the time one frame waits, for the rest of one turn of the loop: that needs no block.
    FramePtr one_;
    std::unique_ptr<FramePtr[]> block_;
    std::uint32_t capacity_ = 1;
    std::uint32_t head_ = 0;  // the first that waits
    std::uint32_t tail_ = 0;  // behind the last
    std::uint32_t front_sent_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace pulse::engineio
