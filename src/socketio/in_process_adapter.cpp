#include "socketio/in_process_adapter.hpp"

#include "socketio/broadcast_acks.hpp"

namespace pulse::socketio {

void InProcessAdapter::broadcast_with_ack(const Target& target, std::string_view event, const Args& args,
                                          Duration timeout, const std::shared_ptr<BroadcastAcks>& acks) {
    acks->expect_count();
    here_.ask(
        target, event, args, timeout, [acks](std::size_t asked) { acks->counted(asked); },
        [acks](std::optional<Args> answer) { acks->answered(std::move(answer)); });
}

}  // namespace pulse::socketio
