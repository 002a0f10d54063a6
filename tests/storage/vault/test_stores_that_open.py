"""The keys' database is opened when it is first needed: once for each store, and no store waits for another."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from storage.vault.data_keys import KeyStore

LONG_S = 30


def test_a_store_that_cannot_open_yet_keeps_no_other_waiting(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'keys.sqlite'}"
    KeyStore(url).make()
    waits, may_go_on = Event(), Event()

    def there() -> None:
        waits.set()
        assert may_go_on.wait(LONG_S)

    slow, quick = KeyStore(url, must_be_there=there), KeyStore(url)
    with ThreadPoolExecutor(2) as threads:
        opening = threads.submit(slow.make)
        assert waits.wait(LONG_S)
        try:
            assert threads.submit(quick.key, "nobody").result(LONG_S) is None
        finally:
            may_go_on.set()
        opening.result(LONG_S)


def test_of_many_threads_one_opens(tmp_path: Path):
    url, opened = f"sqlite:///{tmp_path / 'keys.sqlite'}", []
    KeyStore(url).make()
    store = KeyStore(url, must_be_there=lambda: opened.append(1))

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(store.key, map(str, range(20))))

    assert opened == [1]
