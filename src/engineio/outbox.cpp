#include "engineio/outbox.hpp"

#include <algorithm>

namespace pulse::engineio {

// Moves what waits to the front of a block; a larger one unless half of the old is free. A burst of ten
// grows twice.
void Outbox::make_room() {
    if (head_ > capacity_ / 2) {
        std::move(places() + head_, places() + tail_, places());
    } else {
        const auto larger = std::max(8u, capacity_ * 2);
        auto block = std::make_unique<FramePtr[]>(larger);
        std::move(places() + head_, places() + tail_, block.get());
        block_ = std::move(block);
        capacity_ = larger;
    }
    tail_ -= head_;
    head_ = 0;
}

void Outbox::push(FramePtr frame) {
    if (tail_ == capacity_) make_room();
    bytes_ += frame->size();
    places()[tail_++] = std::move(frame);
}

void Outbox::push_urgent(FramePtr frame) {
    push(std::move(frame));
    const auto first = head_ + (cut() ? 1 : 0);
    std::rotate(places() + first, places() + tail_ - 1, places() + tail_);
}

std::size_t Outbox::gather(std::span<iovec> pieces) const {
    const auto count = std::min(pieces.size(), size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto bytes = frames()[i]->websocket();
        const std::size_t skip = i == 0 ? front_sent_ : 0;
        // iovec is the kernel's and knows no const; sending only reads.
        pieces[i] = {const_cast<char*>(bytes.data()) + skip, bytes.size() - skip};
    }
    return count;
}

void Outbox::consume(std::size_t bytes) {
    bytes_ -= bytes;
    while (bytes > 0) {
        FramePtr& front = places()[head_];
        const auto rest = front->size() - front_sent_;
        if (bytes < rest) {
            front_sent_ += std::uint32_t(bytes);
            return;
        }
        bytes -= rest;
        front_sent_ = 0;
        front.reset();
        ++head_;
    }
    if (empty()) clear();
}

void Outbox::clear() {
    one_.reset();
    block_.reset();  // an idle client owns no block
    capacity_ = 1;
    head_ = tail_ = 0;
    front_sent_ = 0;
    bytes_ = 0;
}

}  // namespace pulse::engineio
