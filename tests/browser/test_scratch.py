from tests.browser.patients import a_patient
from tests.browser.rounds import *
def test_x(person):
    patient = a_patient()
    doctor = person("okafor")
    asked(doctor, patient, "CRP")
    s = person("marsh", script=False)
    s.goes_to("Queue")
    s.page.wait_for_timeout(500)
    s.page.screenshot(path="/tmp/q.png", full_page=True)
    print(s.main.inner_text()[:900])
    print([b.get_attribute("data-key") for b in s.page.locator("[data-key]").all()])
