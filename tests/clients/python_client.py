# What tests/clients.test.mjs has python-socketio do: python_client.py URL TRANSPORT[,TRANSPORT]
# Says each step that held as a line; ends with status 1 at the first that did not.
import asyncio
import sys

import socketio

url, transports = sys.argv[1], sys.argv[2].split(",")
VALUE = {"text": "é\U0001f600", "list": [1, 2.5, None, True], "deep": [[{"bytes": b"\x00\x01\xfe\xff"}]]}


def held(step, condition):
    if not condition:
        sys.exit(f"{step}: did not hold")
    print(step, flush=True)


async def within(awaitable):
    return await asyncio.wait_for(awaitable, 10)


async def main():
    client = socketio.AsyncClient(reconnection=False)
    first, custom, back, ended = (asyncio.Queue() for _ in range(4))
    client.on("auth", first.put)
    client.on("auth", custom.put, namespace="/custom")
    client.on("message-back", back.put)
    client.on("disconnect", lambda: ended.put_nowait(True))

    await within(client.connect(url, transports=transports, auth={"token": "x"}, namespaces=["/", "/custom"]))
    held("auth", await within(first.get()) == {"token": "x"} and await within(custom.get()) == {"token": "x"})
    if transports == ["polling", "websocket"]:
        for _ in range(500):
            if client.transport() == "websocket":
                break
            await asyncio.sleep(0.02)
        held("upgraded", client.transport() == "websocket")
    held("transport", client.transport() == transports[-1])

    await client.emit("message", VALUE)
    held("event", await within(back.get()) == VALUE)
    held("acknowledgement", await within(client.call("message-with-ack", VALUE)) == VALUE)
    held("namespace", await within(client.call("message-with-ack", "one", namespace="/custom")) == "one")
    # Longer than the server's ping interval and timeout together: heartbeats are answered.
    await asyncio.sleep(1)
    held("heartbeat", await within(client.call("message-with-ack", 7)) == 7)

    await client.disconnect()
    held("disconnect", await within(ended.get()))

    refused = socketio.AsyncClient(reconnection=False)
    errors = asyncio.Queue()
    refused.on("connect_error", errors.put, namespace="/unknown")
    try:
        await within(refused.connect(url, transports=transports, namespaces=["/unknown"]))
    except socketio.exceptions.ConnectionError:
        pass
    held("refusal", (await within(errors.get()))["message"] == "Invalid namespace")
    await refused.disconnect()


asyncio.run(main())
