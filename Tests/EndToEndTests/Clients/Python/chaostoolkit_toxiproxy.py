"""Every action and probe of the package chaostoolkit-toxiproxy against the server at HOST PORT."""

import os
import sys

import chaostoxi.proxy.actions as proxies
import chaostoxi.proxy.probes as probes
import chaostoxi.toxic.actions as toxics

from support import Echo, equal, exchange, raises, refused

echo = Echo()
host, port = sys.argv[1], sys.argv[2]
by_url = {"toxiproxy_url": f"http://{host}:{port}"}
configuration = {"toxiproxy_host": host, "toxiproxy_port": port}


def attribute(name):
    return probes.get_proxy_attribute("db", name, configuration=configuration)


def toxic(name):
    found = [toxic for toxic in attribute("toxics") if toxic["name"] == name]
    assert len(found) == 1, attribute("toxics")
    return found[0]


# Proxies: the port that was chosen is told through the configuration and the environment.
equal(probes.proxy_exist("db", configuration=configuration), False)
equal(attribute("listen"), None)
os.environ["ECHO_PORT"] = str(echo.port)
equal(
    proxies.create_proxy(
        "db", "127.0.0.1", "env:ECHO_PORT", listen_host="127.0.0.1", configuration=configuration
    ),
    True,
)
address = f"127.0.0.1:{configuration['db_PORT']}"
equal(os.environ["db_PORT"], configuration["db_PORT"])
equal(exchange(address)[0], b"hello")
equal(probes.proxy_exist("db", configuration=by_url), True)
equal(attribute("listen"), address)
equal(attribute("upstream"), echo.address)
raises(
    AssertionError,
    lambda: proxies.create_proxy("db", "127.0.0.1", 1, configuration=configuration),
)
everywhere = dict(configuration)
equal(proxies.create_proxy("any", "127.0.0.1", echo.port, configuration=everywhere), True)
equal(exchange(f"127.0.0.1:{everywhere['any_PORT']}")[0], b"hello")

# Disable, enable, modify.
equal(proxies.disable_proxy("db", configuration=configuration), True)
equal(refused(address), True)
equal(attribute("enabled"), False)
equal(proxies.enable_proxy("db", configuration=configuration), True)
equal(exchange(address)[0], b"hello")
other = Echo()
equal(
    proxies.modify_proxy("db", upstream_address=other.address, configuration=configuration), True
)
equal(attribute("upstream"), other.address)
equal(exchange(address)[0], b"hello")
equal(
    proxies.modify_proxy("db", listen_address="127.0.0.1:0", configuration=configuration), True
)
address = f"127.0.0.1:{configuration['db_PORT']}"
equal(exchange(address)[0], b"hello")
raises(
    AssertionError,
    lambda: proxies.modify_proxy("none", enabled=False, configuration=configuration),
)

# Toxics, each with its attributes as they were given.
equal(toxics.create_latency_toxic("db", "late", 200, 1, configuration=configuration), True)
equal(toxic("late")["attributes"], {"latency": 200, "jitter": 1})
answer, seconds = exchange(address)
equal(answer, b"hello")
assert seconds >= 0.199, seconds
equal(toxics.create_bandwith_degradation_toxic("db", "thin", 1000, configuration=by_url), True)
equal(toxic("thin")["attributes"], {"rate": 1000})
equal(toxics.create_slow_connection_close_toxic("db", "slow", 1, configuration=by_url), True)
equal(toxic("slow")["attributes"], {"delay": 1})
equal(toxics.create_slicer_toxic("db", "sliced", 10, 2, 3, configuration=by_url), True)
equal(
    toxic("sliced")["attributes"], {"average_size": 10, "size_variation": 2, "delay": 3}
)
equal(toxics.create_limiter_toxic("db", "short", 4, configuration=by_url), True)
equal(toxic("short")["attributes"], {"bytes": 4})
equal(exchange(address)[0], b"hell")
equal(toxics.create_timeout_toxic("db", "mute", 50, configuration=by_url), True)
equal(toxic("mute")["attributes"], {"timeout": 50})
equal(exchange(address)[0], b"")
# Attributes that are null mean the defaults.
equal(
    toxics.create_toxic(
        "db", "any", "latency", stream="upstream", toxicity=0.25, configuration=by_url
    ),
    True,
)
equal(toxic("any")["attributes"], {"latency": 0, "jitter": 0})
equal((toxic("any")["stream"], toxic("any")["toxicity"]), ("upstream", 0.25))
raises(
    TypeError,
    lambda: toxics.create_toxic("db", "bad", "nonsense", configuration=configuration),
)
equal(toxics.delete_toxic("db", "short", configuration=configuration), True)
equal(toxics.delete_toxic("db", "short", configuration=configuration), False)

# Reset and delete.
equal(proxies.reset(configuration=configuration), True)
equal(attribute("toxics"), [])
equal(exchange(address)[0], b"hello")
proxies.delete_proxy("db", configuration=configuration)
proxies.delete_proxy("any", configuration=configuration)
proxies.delete_proxy("any", configuration=configuration)
equal(probes.proxy_exist("db", configuration=configuration), False)
equal(refused(address), True)
print("chaostoolkit-toxiproxy: every action and probe held")
