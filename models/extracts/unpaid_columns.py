"""The register of unpaid work's columns: every column of its extracts, what it means and how it is written."""

from __future__ import annotations

from models.extracts.register import LOCATION, SEXES, Column, Kind, Register, Sheet, may, must

WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
FREQUENCIES = ("ONCE", "WEEKLY", "FORTNIGHTLY")
DEFAULT_WEEKS = 8
"""The weeks of tables that state none."""

_AVAILABILITY = "half-days of every week: morning to 12:30, afternoon to 17:30, evening after"
_AWAY = "days away, both ends included"
_AWAY_EXAMPLE = "2026-12-21/2027-01-01;2027-02-15/2027-02-19"
_EVENT = Column(
    "eventNumber",
    Kind.WHOLE,
    "the event (sentence), when the person has several; 1 when blank",
    "1",
    also=("deliusEventNumber",),
)

PEOPLE = Sheet(
    "people",
    (
        must("crn", Kind.CRN, "the case reference number; a person with two events has two rows", "X123456"),
        must("requiredMinutes", Kind.WHOLE, "minutes of the requirement", "7200"),
        must("sentenceDate", Kind.DAY, "the day of the sentence", "2026-10-01"),
        must("completeBy", Kind.DAY, "the last day on which work counts", "2027-10-01"),
        must("availability", Kind.HALF_DAYS, _AVAILABILITY, "TUESDAY_MORNING;TUESDAY_AFTERNOON"),
        _EVENT,
        may(
            "adjustmentMinutes", Kind.WHOLE, "minutes added, or taken off with a minus; 0 when blank", "-120"
        ),
        may("creditedMinutes", Kind.WHOLE, "minutes credited so far, without ETE; 0 when blank", "1260"),
        may(
            "creditedEteMinutes",
            Kind.WHOLE,
            "minutes credited for education, training and employment; 0 when blank",
            "300",
        ),
        may("inductionDone", Kind.YES_NO, "has had the induction; the policy's default when blank", "yes"),
        may("unavailable", Kind.LEAVE, _AWAY, _AWAY_EXAMPLE),
        may("weeklyMinutesMin", Kind.WHOLE, "minutes to be offered a week; policy's when blank", "420"),
        may("weeklyMinutesMax", Kind.WHOLE, "most minutes a week; policy's when blank", "840"),
        may(
            "attendanceProbability",
            Kind.NUMBER,
            "the chance of coming when booked, 0 to 1; policy's when blank",
            "0.75",
        ),
        may("riskInGroup", Kind.YES_NO, "a risk in supervised groups; no when blank", "no"),
        may("sex", Kind.CHOICE, "the person's sex; blank meets no demand", "FEMALE", *SEXES),
        may(
            "placementPreference",
            Kind.CHOICE,
            "what the assessment asks for; MIXED_GROUP when blank",
            "MIXED_GROUP",
            *("MIXED_GROUP", "FEMALE_ONLY_GROUP", "INDIVIDUAL"),
        ),
        may("noMaleSupervisor", Kind.YES_NO, "no male supervisor; no when blank", "no"),
        may("noFemaleSupervisor", Kind.YES_NO, "no female supervisor; no when blank", "no"),
        may("restrictions", Kind.SKILLS, "tags of projects to avoid", "CHILDREN"),
        may("needs", Kind.SKILLS, "features that a project must have", "STEP_FREE"),
        may("excludedProjectCodes", Kind.CODES, "projects to avoid", "P07;P09"),
        may("excludedSupervisorCodes", Kind.CODES, "supervisors to avoid", "N03U009"),
        may("keepApartCrns", Kind.CODES, "people never to be in one session with", "X123457;X123458"),
        may(
            "travelMode",
            Kind.CHOICE,
            "how the person comes; PUBLIC when blank",
            "PUBLIC",
            *("PUBLIC", "CAR", "WALK", "PICK_UP"),
        ),
        may("maxTravelMinutes", Kind.WHOLE, "longest journey each way; policy's when blank", "90"),
        may("travelMinutes", Kind.WHOLE, "the true journey each way, where it is known", "35"),
        *LOCATION,
    ),
)

PROJECTS = Sheet(
    "projects",
    (
        must("projectCode", Kind.CODE, "the project's code", "P01"),
        must(
            "projectType",
            Kind.CHOICE,
            "the kind of project",
            "GROUP",
            *("GROUP", "INDIVIDUAL", "INDUCTION", "ETE"),
        ),
        must("places", Kind.WHOLE, "the most people who attend at a time", "10"),
        may("teamCode", Kind.CODE, "the team that runs it", "N03U01"),
        *LOCATION,
        may("minPeople", Kind.WHOLE, "least expected attendance of a group; policy's when blank", "3"),
        may("riskLimit", Kind.WHOLE, "most people with a risk in groups; none when blank", "2"),
        may("tags", Kind.SKILLS, "what some people must avoid", "CHILDREN"),
        may("features", Kind.SKILLS, "what some people need", "STEP_FREE;TOILETS"),
        may("femaleOnly", Kind.YES_NO, "for women alone; no when blank", "no"),
        may("requiredSkills", Kind.SKILLS, "skills that the supervisor must have", "CHAINSAW"),
        may("supervisorNeeded", Kind.YES_NO, "sessions need a supervisor; yes when blank", "yes"),
        may("vehicleSeats", Kind.WHOLE, "seats for people who are collected; no limit when blank", "8"),
        may("commitmentSessionsPerWeek", Kind.WHOLE, "sessions a week that were promised; 0 when blank", "1"),
        may("startDateInclusive", Kind.DAY, "the project's first day; open when blank", "2026-04-01"),
        may("endDateExclusive", Kind.DAY, "the day after its last; open when blank", "2027-04-01"),
    ),
)

PROJECT_AVAILABILITY = Sheet(
    "project_availability",
    (
        must("projectCode", Kind.CODE, "the project, a row in projects", "P01"),
        must("dayOfWeek", Kind.CHOICE, "the weekday", "TUESDAY", *WEEKDAYS),
        must(
            "startDateInclusive", Kind.DAY, "open from this day on; a fortnight counts from it", "2026-11-23"
        ),
        must("startTime", Kind.TIME, "when it opens", "09:00"),
        must("endTime", Kind.TIME, "when it closes", "16:00"),
        may("frequency", Kind.CHOICE, "how often; WEEKLY when blank", "WEEKLY", *FREQUENCIES),
        may("endDateExclusive", Kind.DAY, "the day after the last; open when blank", "2027-04-01"),
    ),
)

SUPERVISORS = Sheet(
    "supervisors",
    (
        must("staffCode", Kind.CODE, "the supervisor's staff code", "N03U007"),
        must("availability", Kind.HALF_DAYS, _AVAILABILITY, "TUESDAY_MORNING;TUESDAY_AFTERNOON"),
        may("sex", Kind.CHOICE, "the supervisor's sex; blank meets no demand", "FEMALE", *SEXES),
        may("skills", Kind.SKILLS, "what the supervisor is trained for", "DRIVING;CHAINSAW"),
        may("unavailable", Kind.LEAVE, _AWAY, _AWAY_EXAMPLE),
        may("weeklyMinutesMax", Kind.WHOLE, "most minutes of sessions a week; policy's when blank", "2220"),
        may("maxGroup", Kind.WHOLE, "the largest group; policy's when blank", "10"),
        *LOCATION,
    ),
)

_WHOSE = must("crn", Kind.CRN, "whose, a row in people", "X123456")

ALLOCATIONS = Sheet(
    "allocations",
    (
        _WHOSE,
        _EVENT,
        must("projectCode", Kind.CODE, "the project", "P01"),
        must("dayOfWeek", Kind.CHOICE, "the weekday", "TUESDAY", *WEEKDAYS),
        must("frequency", Kind.CHOICE, "how often", "WEEKLY", *FREQUENCIES),
        must("startTime", Kind.TIME, "from when", "09:00"),
        must("endTime", Kind.TIME, "until when", "16:00"),
        must("startDateInclusive", Kind.DAY, "the first day; a fortnight counts from it", "2026-11-02"),
        may("endDateInclusive", Kind.DAY, "the last day; open when blank", "2027-03-30"),
    ),
    required=False,
)

APPOINTMENTS = Sheet(
    "appointments",
    (
        _WHOSE,
        _EVENT,
        must("projectCode", Kind.CODE, "the project", "P01"),
        must("date", Kind.DAY, "the day, of which the person has been told", "2026-11-24"),
        must("startTime", Kind.TIME, "from when", "09:00"),
        must("endTime", Kind.TIME, "until when", "16:00"),
    ),
    required=False,
)

ATTENDANCE_HISTORY = Sheet(
    "attendance_history",
    (
        must("crn", Kind.CRN, "who was booked, among the people now or not", "X123456"),
        must("projectCode", Kind.CODE, "where", "P01"),
        must("date", Kind.DAY, "the day", "2026-11-03"),
        must("attended", Kind.YES_NO, "whether the person came", "yes"),
    ),
    required=False,
)

UNPAID_PROBLEM = Sheet(
    "problem",
    (
        may("from", Kind.DAY, "the first day of the roster; the day of the run when blank", "2026-11-23"),
        may("weeks", Kind.WHOLE, f"how many weeks, 1 to 26; {DEFAULT_WEEKS} when blank", "8"),
        may(
            "nonWorkingDays",
            Kind.DAYS,
            "days without sessions; the bank holidays of England and Wales when blank",
            "2026-12-25;2026-12-28",
        ),
    ),
    required=False,
    one_row=True,
)

UNPAID_WORK = Register(
    "an unpaid work problem",
    "people.csv, projects.csv, project_availability.csv and supervisors.csv",
    (
        PEOPLE,
        PROJECTS,
        PROJECT_AVAILABILITY,
        SUPERVISORS,
        ALLOCATIONS,
        APPOINTMENTS,
        ATTENDANCE_HISTORY,
        UNPAID_PROBLEM,
    ),
    frozenset(
        {
            "people",
            "projects",
            "project_availability",
            "supervisors",
            "allocations",
            "appointments",
            "attendance_history",
            "attendanceHistory",
        }
    ),
)
