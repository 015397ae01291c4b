"""Three tasks, checked against what is really drawn and really said."""

from __future__ import annotations

import streamlit as st

from pages._draw.facts import facts_of
from pages._draw.networks import networks
from pages._draw.settings import LESSON, Settings
from pages._draw.sight import Sight
from pages._draw.truth import choose_truth
from ui.answers import percent
from ui.i18n import labels, t
from ui.tasks import show_tasks, solved


def show(settings: Settings, sight: Sight) -> None:
    """Draw the view."""
    facts = facts_of(settings, sight)
    with st.container(key="tasks"):
        show_tasks(LESSON, solved(LESSON, facts))
    choose_truth(settings)
    if sight.image is None:
        return
    names = labels("draw_network", [network.id for network in networks()])
    for network in networks():
        sure = network.sure(sight.image[None])[0]
        said = int(sure.argmax())
        st.markdown(
            t("draw_tasks.says", who=names[network.id], said=said, share=percent(sure[said]))
        )
