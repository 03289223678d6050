#pragma once
// The handlers of one socket, in order. Adding and removing while they are called is fine: what runs stays
// where it is, what is new waits for the next event, and what was removed is not called any more. Touched
// on one shard only. Three words while it is empty, as most lists are.
#include <cstdint>
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

    bool empty() const { return !first_; }

    // `id` is not 0.
    void append(std::uint32_t id, Handler handler) {
        auto node = std::make_unique<Node>(std::move(handler), id);
        Node* const added = node.get();
        (last_ ? last_->next : first_) = std::move(node);
        last_ = added;
    }
    void prepend(std::uint32_t id, Handler handler) {
        auto node = std::make_unique<Node>(std::move(handler), id);
        node->next = std::move(first_);
        first_ = std::move(node);
        if (!last_) last_ = first_.get();
    }

    // Calls use(handler, id) with each handler that is there now, in order, while it returns true.
    template <class Use>
    void each(Use&& use) {
        const Call call(*this);
        const Node* const last = last_;
        for (Node* node = first_.get(); node; node = node->next.get()) {
            if (node->id != removed && !use(node->handler, node->id)) return;
            if (node == last) return;
        }
    }

    // Removes those of which matches(handler, id) is true; whether there were any.
    template <class Matches>
    bool remove_if(Matches&& matches) {
        bool any = false;
        for (Node* node = first_.get(); node; node = node->next.get()) {
            if (node->id == removed || !matches(std::as_const(node->handler), node->id)) continue;
            node->id = removed;
            any = true;
        }
        to_sweep_ = to_sweep_ || any;
        if (calls_ == 0) sweep();
        return any;
    }
    bool remove(std::uint32_t id) {
        return remove_if([id](const Handler&, std::uint32_t one) { return one == id; });
    }

private:
    static constexpr std::uint32_t removed = 0;  // still there because it may be running
    struct Node {
        Node(Handler h, std::uint32_t number) : handler(std::move(h)), id(number) {}
        Handler handler;
        std::uint32_t id;
        std::unique_ptr<Node> next;
    };
    class Call {
    public:
        explicit Call(HandlerList& list) : list_(list) { ++list_.calls_; }
        ~Call() {
            if (--list_.calls_ == 0) list_.sweep();
        }
        Call(const Call&) = delete;

    private:
        HandlerList& list_;
    };
    void sweep() {
        if (!std::exchange(to_sweep_, false)) return;
        last_ = nullptr;
        for (std::unique_ptr<Node>* place = &first_; *place;) {
            if ((*place)->id == removed) {
                *place = std::move((*place)->next);
            } else {
                last_ = place->get();
                place = &(*place)->next;
            }
        }
    }

    std::unique_ptr<Node> first_;
    Node* last_ = nullptr;
    std::uint32_t calls_ = 0;  // under way
    bool to_sweep_ = false;
};

}  // namespace pulse::socketio
