#pragma once
// The coroutine type of the whole program. Its executor is io_context's own rather than the type-erased
// any_io_executor: no allocation and no virtual call per resumption.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace pulse {

using Executor = boost::asio::io_context::executor_type;

template <class T = void>
using Task = boost::asio::awaitable<T, Executor>;

}  // namespace pulse
