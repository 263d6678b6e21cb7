"""Price books: shown, guarded, and asked for by parity."""

import json

from network import CN, EU, MODEL, SG, wait_until

BOOK = """
apiVersion: portolan/v1
kind: PriceBook
metadata: {name: list-2026}
spec:
  currency: USD
  from: 2026-01-01
  items:
  - {model: %s, input_per_million: "%s", output_per_million: "0.06", regions: [%s, %s]}
"""

TARGET = """
apiVersion: portolan/v1
kind: ParityTarget
metadata: {name: priced}
spec: {models: [%s], regions: ["*"], prices: {currency: USD, percent_above_cheapest: 20}}
"""


def apply(network, text, *flags):
    return network.cli("apply", "-f", "-", *flags, stdin=text)


def price_of(network, region):
    shown = network.cli("products", "--model", MODEL, "--region", region, "-o", "json")
    offer, = json.loads(shown.stdout)["products"][0]["regions"]
    prices = offer.get("prices", [])
    return prices[0]["input_per_million"] if prices else None


def price_gaps(network):
    shown = json.loads(network.cli("parity", "-o", "json").stdout)
    return {(gap["region"], gap["item"], gap["missing"]): gap for gap in shown["gaps"]
            if "price" in gap["item"]}


def test_a_price_is_shown_guarded_and_missed(own_sim):
    network = own_sim
    world = network.cli("get", "worlds").stdout.splitlines()[0]
    typo = apply(network, BOOK % (MODEL, "2e-2", EU, SG))
    assert typo.returncode == 1 and "'2e-2' is not written as digits" in typo.stderr, typo.stderr
    done = apply(network, BOOK % (MODEL, "0.02", EU, SG))
    assert done.returncode == 0, done.stderr
    assert network.cli("get", "worlds").stdout.splitlines()[0] != world, "it is in the World"
    assert "USD" in network.cli("get", "pricebooks").stdout

    wait_until("all serve", lambda: f"{MODEL}  USD       0.02   0.06    {SG}, {EU}\n"
               in network.cli("products").stdout)
    assert (price_of(network, EU), price_of(network, CN)) == ("0.02", None)

    refused = apply(network, BOOK % (MODEL, "0.025", EU, SG))
    assert refused.returncode == 1 and "(change_guarded)" in refused.stderr, refused.stderr
    assert (f"price moved: Price of model '{MODEL}' in regions '{SG}', '{EU}' for a million tokens "
            "of input: 0.025 USD instead of 0.02, 25 % more") in refused.stderr, refused.stderr
    assert price_of(network, EU) == "0.02"
    meant = apply(network, BOOK % (MODEL, "0.025", EU, SG), "--break-glass", "power costs more")
    assert meant.returncode == 0, meant.stderr
    assert price_of(network, EU) == "0.025"
    fifth = apply(network, BOOK % (MODEL, "0.02", EU, SG))
    assert fifth.returncode == 0, fifth.stderr

    done = apply(network, TARGET % MODEL)
    assert done.returncode == 0, done.stderr
    wait_until("all but the price is there",
               lambda: list(price_gaps(network)) == [(CN, "price", "no_price")])
    shown = network.cli("parity").stdout
    assert "price in USD" in shown and "no price book that holds now" in shown, shown
    dear = BOOK % (MODEL, "0.02", EU, SG) + BOOK.splitlines()[-1] % (MODEL, "0.03", CN, CN)
    dear = dear.replace(f"[{CN}, {CN}]", f"[{CN}]")
    assert apply(network, dear).returncode == 0
    too_dear = (CN, "input_price", "too_dear")
    wait_until("its price is too high", lambda: too_dear in price_gaps(network))
    gap = price_gaps(network)[too_dear]
    assert (gap["price"], gap["price_max"], gap["currency"]) == ("0.03", "0.024", "USD")
    assert "input price 0.03 of 0.024 USD" in network.cli("parity").stdout
