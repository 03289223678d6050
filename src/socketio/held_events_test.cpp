#include "socketio/held_events.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace pulse::socketio {
namespace {

Outgoing event(std::string_view text, std::string_view slot = {}) {
    auto packet = Outgoing::make(text, {});
    if (!slot.empty()) packet.slot = std::make_shared<const std::string>(slot);
    return packet;
}

}  // namespace

TEST(Slot, is_the_key_in_the_rooms_named) {
    Target target;
    const auto slot = [&](std::string_view name) { return *slot_of(target, name); };
    EXPECT_NE(slot("a"), slot("b"));
    const auto of_all = slot("a");
    target.rooms = {"x"};
    EXPECT_NE(slot("a"), of_all);
    target.rooms = {"1:x"};
    const auto tricky = slot("a");
    target.rooms = {"1", "x"};
    EXPECT_NE(slot("a"), tricky);
    target.key = "k";
    EXPECT_EQ(slot("a"), slot("b"));
}

RC_GTEST_PROP(HeldEventsProperty, keeps_the_order_and_of_each_slot_the_newest, ()) {
    HeldEvents held;
    std::vector<std::pair<std::string, std::string>> model;  // slot, text
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 10));
    int number = 0;
    for (const int step : steps) {
        if (step < 8) {
            const std::string slot = step < 2 ? "" : std::to_string(step);
            const std::string text = std::to_string(++number);
            const auto same = std::find_if(model.begin(), model.end(), [&](const auto& each) {
                return !slot.empty() && each.first == slot;
            });
            RC_ASSERT(held.put(event(text, slot)) == (same != model.end()));
            if (same != model.end()) model.erase(same);
            model.emplace_back(slot, text);
        } else if (!model.empty()) {
            RC_ASSERT(held.take().text->payload() == "4" + model.front().second);
            model.erase(model.begin());
        }
        RC_ASSERT(held.size() == model.size());
        std::size_t bytes = 0;
        for (const auto& [slot, text] : model) bytes += event(text).bytes();
        RC_ASSERT(held.bytes() == bytes);
    }
}

}  // namespace pulse::socketio
