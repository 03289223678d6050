#pragma once
// The handlers of one socket. Appending while they are called is fine: what runs stays where it is, and
// what is new waits for the next event. Two pointers while it is empty, as most lists are.
#include <memory>
#include <utility>

namespace pulse::socketio {

template <class Handler>
class HandlerList {
public:
    HandlerList() = default;
    HandlerList(const HandlerList&) = delete;
    ~HandlerList() {
        while (first_) first_ = std::move(first_->next);  // not by recursion: the list may be long
    }

    void append(Handler handler) {
        auto node = std::make_unique<Node>(Node{std::move(handler), nullptr});
        Node* added = node.get();
        (last_ ? last_->next : first_) = std::move(node);
        last_ = added;
    }

    // Calls `use` with each handler that is there now, in order, while it returns true.
    template <class Use>
    void each(Use&& use) const {
        const Node* const last = last_;
        for (const Node* node = first_.get(); node; node = node->next.get()) {
            if (!use(node->handler) || node == last) return;
        }
    }

private:
    struct Node {
        Handler handler;
        std::unique_ptr<Node> next;
    };
    std::unique_ptr<Node> first_;
    Node* last_ = nullptr;
};

}  // namespace pulse::socketio
