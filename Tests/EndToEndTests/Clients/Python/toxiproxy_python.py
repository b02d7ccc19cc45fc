"""Every operation of the package toxiproxy-python against the server at HOST PORT."""

import sys

from toxiproxy import Toxiproxy
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists

from support import Echo, equal, exchange, raises, refused

echo = Echo()
server = Toxiproxy()
server.update_api_consumer(sys.argv[1], int(sys.argv[2]))

# The server itself.
equal(server.running(), True)
assert b'"version": "2.' in server.version(), server.version()
equal(server.proxies(), {})
equal(server.get_proxy("none"), None)

# Proxies.
proxy = server.create(upstream=echo.address, name="one")
equal(proxy.name, "one")
equal(proxy.upstream, echo.address)
equal(proxy.enabled, True)
assert proxy.listen.startswith("127.0.0.1:") and not proxy.listen.endswith(":0"), proxy.listen
equal(exchange(proxy.listen)[0], b"hello")
raises(ProxyExists, lambda: server.create(upstream=echo.address, name="one"))
off = server.create(upstream=echo.address, name="off", listen="127.0.0.1:0", enabled=False)
equal(off.enabled, False)
equal(sorted(server.proxies()), ["off", "one"])
equal(server.get_proxy("one").listen, proxy.listen)

# Enable, disable, down.
proxy.disable()
equal(refused(proxy.listen), True)
equal(server.get_proxy("one").enabled, False)
proxy.enable()
equal(exchange(proxy.listen)[0], b"hello")
with proxy.down():
    equal(refused(proxy.listen), True)
equal(exchange(proxy.listen)[0], b"hello")

# Toxics.
equal(proxy.toxics(), {})
proxy.add_toxic(type="latency", attributes={"latency": 200, "jitter": 0})
toxic = proxy.get_toxic("latency_downstream")
equal((toxic.type, toxic.stream, toxic.toxicity), ("latency", "downstream", 1))
equal(toxic.attributes, {"latency": 200, "jitter": 0})
answer, seconds = exchange(proxy.listen)
equal(answer, b"hello")
assert seconds >= 0.2, seconds
proxy.add_toxic(
    type="bandwidth", name="slow", stream="upstream", toxicity=0.5, attributes={"rate": 1000}
)
equal(sorted(proxy.toxics()), ["latency_downstream", "slow"])
equal(proxy.get_toxic("slow").toxicity, 0.5)
equal(proxy.get_toxic("none"), None)
for kind in ["slow_close", "timeout", "reset_peer", "slicer", "limit_data"]:
    proxy.add_toxic(type=kind)
    equal(proxy.get_toxic(f"{kind}_downstream").type, kind)
raises(InvalidToxic, lambda: proxy.add_toxic(type="nonsense"))
raises(ProxyExists, lambda: proxy.add_toxic(type="latency"))
equal(proxy.destroy_toxic("slow"), True)
raises(NotFound, lambda: proxy.destroy_toxic("slow"))

# Reset.
off_again = server.get_proxy("one")
off_again.disable()
equal(server.reset(), True)
equal(server.get_proxy("one").toxics(), {})
equal(server.get_proxy("one").enabled, True)
equal(exchange(proxy.listen)[0], b"hello")

# Populate: the same proxy stays, another upstream replaces it, a new one is made.
other = Echo()
made = server.populate(
    [
        {"name": "one", "upstream": echo.address, "listen": proxy.listen},
        {"name": "two", "upstream": other.address, "listen": "127.0.0.1:0"},
    ]
)
equal([made_proxy.name for made_proxy in made], ["two"])
made = server.populate([{"name": "two", "upstream": echo.address, "listen": made[0].listen}])
equal([made_proxy.upstream for made_proxy in made], [echo.address])
equal(exchange(made[0].listen)[0], b"hello")

# Destroy.
equal(server.destroy(made[0]), True)
equal(server.destroy("no proxy"), False)
raises(NotFound, made[0].destroy)
server.destroy_all()
equal(server.proxies(), {})
equal(refused(proxy.listen), True)
print("toxiproxy-python: every operation held")
