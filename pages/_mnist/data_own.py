"""The learner's own digits: brought as files, used instead of MNIST's; and digits to take home."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.digits import Digits, write_idx
from core.digits_error import DigitsError
from core.digits_text import write_digits_csv, write_digits_text
from core.digits_upload import read_digits
from pages._mnist import session
from pages._mnist.data_look import FORMS, NAME, ROLES, look, names_of, summary
from pages._mnist.run import DigitsRun
from pages._mnist.settings import LESSON
from ui.digits import digits_sentence
from ui.files import MOST_MEGABYTES, contents, forget, shared, when_asked
from ui.i18n import t
from ui.state import bound, redraw, update

WRONG = f"{NAME}.wrong"  # the error of the last file, until another one comes
VISIT = f"{NAME}.visit"  # how many files were read: the next uploader is an empty one
HALF = ("labels_missing", "images_missing")  # one of two files is there: the other may still come


def show_own(run: DigitsRun) -> None:
    """Draw what is used now, the way in and the way out."""
    st.markdown(f"## {t('mnist_data.own')}")
    for role in ROLES:
        _show_used(role)
    if session.needs_another_run(st.session_state[f"{LESSON}.settings"], run):
        st.info(t("mnist_data.own_waits"))
    st.markdown(t("mnist_data.own_lead"))
    _show_uploader()
    st.markdown(f"## {t('mnist_data.take_home')}")
    st.markdown(t("mnist_data.take_lead"))
    _show_download()


def _show_used(role: str) -> None:
    digits = session.digits()[ROLES.index(role)]
    n = f"{len(digits):,}"
    if role not in st.session_state.get(session.OWN, {}):
        st.markdown(t(f"mnist_data.uses_mnist_{role}", n=n))
        return
    counts = " · ".join(f"{k}: {count:,}" for k, count in enumerate(summary(role).counts))
    with st.container(horizontal=True, vertical_alignment="center", key=f"data-own-{role}"):
        st.markdown(t(f"mnist_data.uses_own_{role}", n=n, counts=counts), width="content")
        st.button(
            t("mnist_data.back_to_mnist"),
            icon=":material/undo:",
            key=f"{NAME}.back.{role}",
            on_click=use_mnist,
            args=(role,),
        )


def _show_uploader() -> None:
    names = names_of("own_for", ROLES)
    st.segmented_control(
        t("mnist_data.own_for"), ROLES, format_func=names.get, **bound(NAME, "own_role")
    )
    visit = st.session_state.get(VISIT, 0)
    files = st.file_uploader(
        t("mnist_data.files"),
        accept_multiple_files=True,
        key=f"{NAME}.files.{visit}",
        max_upload_size=MOST_MEGABYTES,
        help=t("mnist_data.files_help", most=MOST_MEGABYTES),
    )
    if files:
        with st.spinner(t("mnist_data.reading")):
            error = take(look().own_role, contents(files))
        st.session_state[WRONG] = error
        if error is None or error.code not in HALF:
            forget(files)
            st.session_state[VISIT] = visit + 1
            redraw()
    error = st.session_state.get(WRONG)
    if error is not None and (files or error.code not in HALF):  # a half can be taken away again
        st.error(digits_sentence(error))
    st.caption(t("mnist_data.limits", most=MOST_MEGABYTES))


def take(role: str, files: list[tuple[str, bytes]]) -> DigitsError | None:
    """Use the digits in these files from now on, all of them or none; return what was wrong."""
    try:
        read = read_digits(files)
    except DigitsError as error:
        return error
    digits = Digits(shared(read.images), shared(read.labels))
    st.session_state[session.OWN] = {**st.session_state.get(session.OWN, {}), role: digits}
    _look_at_first(role)
    session.did("own_digits")
    return None


def use_mnist(role: str) -> None:
    """Go back to MNIST's digits."""
    own = st.session_state.get(session.OWN, {})
    st.session_state[session.OWN] = {name: own[name] for name in own if name != role}
    _look_at_first(role)


def _look_at_first(role: str) -> None:
    update(LESSON, digit=0 if role == "train" else len(session.digits()[0]))


def _show_download() -> None:
    seen = look()
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="data-take"):
        st.segmented_control(
            t("mnist_data.take_from"),
            ROLES,
            format_func=names_of("take_from", ROLES).get,
            **bound(NAME, "take_role"),
        )
        with st.container(width=150):
            st.number_input(t("mnist_data.take"), 1, 10_000, None, step=1, **bound(NAME, "take"))
        st.segmented_control(
            t("mnist_data.form"),
            FORMS,
            format_func=names_of("form", FORMS).get,
            **bound(NAME, "form"),
        )
    images, marks = session.digits()[ROLES.index(seen.take_role)]
    some = Digits(images[: seen.take], marks[: seen.take])
    with st.container(horizontal=True, gap="small", key="data-downloads"):
        for name, build in files_of(some, seen.form, seen.take_role).items():
            st.download_button(
                name,
                when_asked(build),
                name,
                "application/octet-stream",
                key=f"{NAME}.download.{name}",
                icon=":material/download:",
                on_click="ignore",
            )
    st.caption(t(f"mnist_data.form_{seen.form}_is", n=f"{len(some):,}"))


def files_of(digits: Digits, form: str, role: str) -> dict[str, Callable[[], bytes]]:
    """Return the files that hold some digits: what builds each, by its name."""
    stem = f"{'train' if role == 'train' else 't10k'}-{len(digits)}"
    if form == "csv":
        return {f"{stem}.csv": lambda: write_digits_csv(digits)}
    if form == "text":
        return {f"{stem}.txt": lambda: write_digits_text(digits)}

    def idx(which: int) -> Callable[[], bytes]:
        return lambda: write_idx(digits, compress=True)[which]

    return {
        f"{stem}-images-idx3-ubyte.gz": idx(0),
        f"{stem}-labels-idx1-ubyte.gz": idx(1),
    }
