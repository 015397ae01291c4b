"""Weights in a file and back, and every way in which a file can be broken."""

import io
import json
import zipfile

import numpy as np
import pytest

from core.checkpoint import CHECKPOINT_SENTENCES, CheckpointError, load, save
from core.layers import Linear, ReLU, Sequential


@pytest.fixture
def model():
    return Sequential(Linear(3, 4, rng=1), ReLU(), Linear(4, 2, rng=2))


def archive(members):
    """Return a zip file with the given members: arrays, or bytes as they are."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as out:
        for name, content in members.items():
            if not isinstance(content, bytes):
                part = io.BytesIO()
                np.save(part, content, allow_pickle=True)
                content = part.getvalue()
            out.writestr(f"{name}.npy", content)
    file.seek(0)
    return file


def header(shape, descr="<f4"):
    part = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        part, {"shape": shape, "fortran_order": False, "descr": descr}
    )
    return part.getvalue()


NO_NOTES = np.array("{}")


def test_round_trip_by_path_and_by_file(model, tmp_path):
    notes = {"accuracy": 0.98, "seed": 1, "made": {"by": "数字"}}
    path, file = tmp_path / "weights", io.BytesIO()
    for target in (path, str(path), file):
        save(target, model.state_dict(), **notes)
    file.seek(0)
    for source in (path, str(path), file):
        state, read = load(source)
        assert read == notes
        assert list(state) == list(model.state_dict())
        for name, array in model.state_dict().items():
            assert state[name].dtype == array.dtype
            assert np.array_equal(state[name], array)
    other = Sequential(Linear(3, 4), ReLU(), Linear(4, 2))
    other.load_state_dict(state)


def test_numpy_alone_can_read_it(model, tmp_path):
    save(tmp_path / "w.npz", model.state_dict(), seed=1)
    with np.load(tmp_path / "w.npz", allow_pickle=False) as file:
        assert np.array_equal(file["0.weight"], model.params["0.weight"])
        assert json.loads(str(file["notes"])) == {"seed": 1}


def test_the_same_content_gives_the_same_bytes(model):
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        save(file, model.state_dict(), seed=1)
    assert files[0].getvalue() == files[1].getvalue()


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (io.BytesIO(b""), "no npz file"),
        (io.BytesIO(b"no zip at all"), "no npz file"),
        (archive({"w": np.zeros(3)}), "'notes' is missing"),
        (archive({"w": np.array([{}, []], object), "notes": NO_NOTES}), "w must be an array"),
        (archive({"w": np.array(["text"]), "notes": NO_NOTES}), "w must be an array"),
        (archive({"w": b"\x93NUMPY", "notes": NO_NOTES}), "w is no NumPy array"),
        (archive({"w": b"what", "notes": NO_NOTES}), "w is no NumPy array"),
        (archive({"w": header((10**9, 10**9)), "notes": NO_NOTES}), "more than"),
        (archive({"w": header((3,)), "notes": NO_NOTES}), "w is damaged"),
        (archive({"w": header((3,)) + b"x" * 99, "notes": NO_NOTES}), "w is damaged"),
        (archive({"w": header((-3,)), "notes": NO_NOTES}), "w is"),
        (archive({"notes": np.array("{")}), "no JSON"),
        (archive({"notes": np.array("[1]")}), "must be a JSON object"),
        (archive({"notes": np.zeros(3)}), "'notes' is missing"),
    ],
)
def test_broken_files_are_one_sentence(file, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        load(file)
    assert "\n" not in str(caught.value)


def test_damaged_bytes_are_noticed(model):
    file = io.BytesIO()
    save(file, model.state_dict())
    good = file.getvalue()
    for cut in (10, len(good) // 2, len(good) - 5):
        with pytest.raises(ValueError, match=r"\w"):
            load(io.BytesIO(good[:cut]))
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(good), 300):
        bad = bytearray(good)
        bad[place] ^= 0xFF
        try:
            load(io.BytesIO(bytes(bad)))
        except ValueError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("file", "code", "name"),
    [
        (io.BytesIO(b"no zip at all"), "file", ""),
        (archive({"w": header((10**9, 10**9)), "notes": NO_NOTES}), "large", ""),
        (archive({"w": header((3,)), "notes": NO_NOTES}), "damaged", "w"),
        (archive({"w": b"what", "notes": NO_NOTES}), "array", "w"),
        (archive({"w": np.array([{}, []], object), "notes": NO_NOTES}), "numbers", "w"),
        (archive({"w": np.zeros(3)}), "no_notes", ""),
        (archive({"notes": np.array({}, object)}), "no_notes", ""),
        (archive({"notes": np.array("[1]")}), "notes", ""),
        (archive({"notes": np.array("[" * 100_000)}), "notes", ""),
        (archive({"w": b"\x93NUMPY\x01\x00\x28\x23" + b"(" * 9000}), "array", "w"),
        (archive({"w": b"\x93NUMPY\x01\x00\x08\x00{[]: 1}\n"}), "array", "w"),
    ],
)
def test_an_error_says_what_is_wrong_to_a_program_too(file, code, name):
    with pytest.raises(CheckpointError) as caught:
        load(file)
    assert (caught.value.code, caught.value.name) == (code, name)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_errors_quote_little_of_what_came():
    error = CheckpointError("numbers", "w" * 1000, got="x" * 1000 + "\nmore")
    assert len(str(error)) < 200
    for code in CHECKPOINT_SENTENCES:
        assert "{" not in str(CheckpointError(code, "w", "got", "expected"))


def test_only_what_numpy_packs_is_unpacked():
    """Other methods may ask for gigabytes of memory before they have unpacked anything."""
    pytest.importorskip("lzma")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as out:
        out.writestr("w.npy", b"x" * 1000)
    with pytest.raises(CheckpointError, match="packed"):
        load(file)


def test_a_header_can_be_a_bomb_too():
    start = b"\x93NUMPY\x02\x00" + (1 << 24).to_bytes(4, "little")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("w.npy", start + b" " * (1 << 24))
    with pytest.raises(CheckpointError, match="more than"):
        load(file, limit=1 << 20)


def test_size_limit(model):
    file = io.BytesIO()
    save(file, {"w": np.zeros(100_000)})  # compresses to almost nothing
    assert len(file.getvalue()) < 5000
    file.seek(0)
    with pytest.raises(ValueError, match="more than the 1,000 bytes allowed"):
        load(file, limit=1000)


def test_what_cannot_be_saved_leaves_no_file(tmp_path):
    path = tmp_path / "w.npz"
    with pytest.raises(ValueError, match="notes"):
        save(path, {"notes": np.zeros(3)})
    with pytest.raises(ValueError, match="w must be an array of numbers"):
        save(path, {"w": np.array([None])})
    with pytest.raises(TypeError):
        save(path, {"w": np.zeros(3)}, what=object())
    assert not path.exists()
    with pytest.raises(FileNotFoundError):
        load(path)
