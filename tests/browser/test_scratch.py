from tests.browser.patients import a_patient
from tests.browser.rounds import *
from tests.printing import reading


def test_papers(person):
    patient = a_patient("Woźniak-O’Neill")
    doctor, scientist, colleague, senior = (
        person("okafor"),
        person("nair"),
        person("osei"),
        person("marsh"),
    )
    doctor.fills_card(
        patient, "FBC", "UE", "GS", "COAG", answer="Transfused or pregnant in the last 3 months?"
    )
    doctor.looks_over(about="filled")
    doctor.sends()

    def save(pdf, name):
        for page in range(reading.pages(pdf)):
            reading.pixels(pdf, 200 if "label" in name else 110, page).save(
                f"/tmp/browser-shots/{name}-{page}.png"
            )

    pdf = doctor.prints("Print labels")
    save(pdf, "paper-label")
    tubes = numbers_on(pdf)
    save(doctor.prints("Print the form"), "paper-form")
    collected(doctor, tubes)
    scientist.goes_to("Receive")
    for tube in tubes:
        scientist.scans(tube)
    scientist.looks_over(about="many")
    accepted(senior, patient)
    typed(scientist, tubes[-1], COUNT)
    checked(colleague, patient, COUNT_AGREES)
    authorised(senior, patient, COUNT_AGREES)
    save(senior.prints("Print the slip"), "paper-slip")
