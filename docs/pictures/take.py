"""Take the pictures of the README from a fresh demonstration: `python docs/pictures/take.py`.

Needs requirements-dev.txt and a Chromium.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

WIDTH = 1280


def main() -> None:
    """Serve, walk, save."""
    import pypdfium2
    from playwright.sync_api import sync_playwright
    from werkzeug.serving import make_server

    from lab_contingency import create_app
    from lab_contingency.foundation.settings import Settings
    from lab_contingency.rehearsal.starting import prepare

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    folder = Path(tempfile.mkdtemp())
    settings = Settings(data=folder, demonstration=True)
    app = create_app(settings)
    with app.app_context():
        prepare(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )

        def person(name: str):
            page = browser.new_context(viewport={"width": WIDTH, "height": 900}).new_page()
            page.goto(base + "/sign-in")
            card = page.locator("section.person", has_text=name)
            (
                card.locator("button") if card.count() else page.get_by_role("button", name=name)
            ).first.click()
            page.wait_for_load_state()
            return page

        def shoot(page, name: str) -> None:
            # As high as the page, so that the bar at the bottom of the window stands at its end.
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": WIDTH, "height": height})
            page.wait_for_timeout(200)
            page.screenshot(path=HERE / f"{name}.png")
            page.set_viewport_size({"width": WIDTH, "height": 900})

        doctor = person("Dr A. Okafor")
        fill_card(doctor, base)
        shoot(doctor, "card")
        senior = person("Dr H. Marsh")
        senior.goto(base + "/queue")
        shoot(senior, "queue")
        senior.goto(base + "/calls")
        senior.locator("main a[href*='/calls/']").first.click()
        shoot(senior, "call")
        scientist = person("P. Nair")
        scientist.goto(base + "/bench")
        scientist.locator("main a[href$='/results']").first.click()
        type_results(scientist, ("740", "14.2", "96", "2.60", "0.22", "85", "28.5", "336"))
        shoot(scientist, "entry")
        porter = person("Sam Rowe")
        porter.goto(base + "/print")
        shoot(porter, "print")
        doctor.goto(base + "/requests")
        doctor.get_by_role("link", name="Read the results").first.click()
        shoot(doctor, "read")
        pdf = post_from(doctor, "form[action$='/slips']")
        pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil().save(HERE / "slip.png")
        doctor.goto(base + "/requests")
        doctor.locator("tr", has_text="WOŹNIAK").first.locator("a").first.click()
        shoot(doctor, "where")
        fill_card(doctor, base, known=False)
        doctor.locator("button[data-main]").click()
        pdf = post_from(doctor, "form[action$='/form']")
        pypdfium2.PdfDocument(pdf)[0].render(scale=1.4).to_pil().save(HERE / "form.png")
        browser.close()
    server.shutdown()
    shutil.rmtree(folder)


def fill_card(page, base: str, *, known: bool = True) -> None:
    """The card of the picture: a bleeding patient, known here or not."""
    page.goto(base + "/requests/new")
    page.fill("#nhs_number", known_number() if known else "999 000 0018")
    page.fill("#born", "21-Jun-1979" if known else "04-Nov-1958")
    page.locator("#born").press("Tab")
    page.get_by_text("Known here as" if known else "Not known here yet").wait_for()
    if not known:
        page.fill("#surname", "Woźniak-O’Neill")
        page.fill("#forenames", "Siân")
        page.locator("input[name=sex][value=F]").check()
    page.select_option("#ward", label="ED Resus")
    page.fill("#bed", "4")
    page.fill("#callback", "bleep 2222")
    for code in ("FBC", "COAG", "UE", "CRP", "LAC", "GS"):
        page.check(f"input[name=tests][value={code}]")
    page.check("input[name=band][value=P1]")
    page.select_option("#reason_code", label="Major haemorrhage")
    page.fill(
        "#clinical_details",
        "Haematemesis, BP 84/50. On apixaban, last dose 20:00. ?variceal. Theatre 04:00.",
    )
    page.select_option("#anticoagulant", label="apixaban")
    page.get_by_text("5. Grey").wait_for()
    if not known:
        page.select_option("[name='answer-transfused_or_pregnant_3_months']", label="not known")
    page.wait_for_timeout(300)


def type_results(page, values) -> None:
    """Into the grid from its first box on; the first cannot be."""
    page.locator("input.result").first.wait_for()
    for value in values:
        page.keyboard.type(value)
        page.keyboard.press("Enter")
    page.get_by_text("cannot be haemoglobin").wait_for()


def known_number() -> str:
    """The number of an example that asked for other tests."""
    import csv

    examples = HERE.parents[1] / "lab_contingency" / "rehearsal" / "data" / "examples.csv"
    with examples.open(encoding="utf-8", newline="") as file:
        number = next(
            row["nhs_number"] for row in csv.DictReader(file) if row["surname"] == "Żółkiewska"
        )
    return f"{number[:3]} {number[3:6]} {number[6:]}"


def post_from(page, selector: str) -> bytes:
    """What a print button of the page gives."""
    form = page.locator(selector).first
    fields = {
        e.get_attribute("name"): e.get_attribute("value") for e in form.locator("input[name]").all()
    }
    url = page.url.split("/", 3)
    answer = page.request.post("/".join(url[:3]) + form.get_attribute("action"), form=fields)
    return answer.body()


if __name__ == "__main__":
    main()
