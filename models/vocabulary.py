"""Closed vocabularies (kodeverk). The *values* are stored: add at the end, never rename.

Each value has words for people in `views.words`.
"""

from enum import StrEnum


class Scope(StrEnum):
    """What a consent line speaks about (omfang). FHIR: Consent.provision.class."""

    PRESENTATION = "presentation"
    BACKGROUND = "background"
    GOALS = "goals"
    MESSAGES = "messages"
    MEETINGS = "meetings"
    CALENDAR = "calendar"
    DOCUMENTS = "documents"
    EVALUATION = "evaluation"
    CONTACTS = "contacts"

    @property
    def has_life_areas(self) -> bool:
        """Only these parts can be opened life area by life area."""
        return self in (Scope.BACKGROUND, Scope.GOALS)


class Level(StrEnum):
    """How far a grant reaches (nivå): read < contribute < write.

    `contribute` adds rows and changes one's own. Never compare with `<`: that
    would compare letters, and "write" > "read" only by luck.
    """

    READ = "read"
    CONTRIBUTE = "contribute"
    WRITE = "write"

    def covers(self, needed: "Level") -> bool:
        return _ORDER[self] >= _ORDER[needed]


_ORDER = {level: number for number, level in enumerate(Level)}


def narrowest(one: Level, other: Level) -> Level:
    """The level that both say yes to."""
    return one if other.covers(one) else other


class LifeArea(StrEnum):
    """Part of a life (livsområde) that goals belong to and a grant may be limited to.

    Stored as bits in this order (models.base.EnumSet): add at the end only.
    """

    HOUSING = "housing"
    ECONOMY = "economy"
    WORK_SCHOOL = "work_school"
    COMMUNITY = "community"
    LEISURE = "leisure"
    HEALTH = "health"


class PlanType(StrEnum):
    """Kind of plan; conversion only ever goes up."""

    SIMPLE_COLLABORATION = "simple_collaboration"
    INDIVIDUAL_PLAN = "individual_plan"
    RELAY_LOG = "relay_log"
    MEETING_LOG = "meeting_log"


class PlanStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    CLOSED = "closed"
    ARCHIVED = "archived"

    @property
    def is_open(self) -> bool:
        return self in (PlanStatus.DRAFT, PlanStatus.ACTIVE)


class ParticipantStatus(StrEnum):
    PROPOSED = "proposed"
    CONSENTED = "consented"
    INVITED = "invited"
    ACTIVE = "active"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    PAUSED = "paused"
    LEFT = "left"


GONE = (ParticipantStatus.WITHDRAWN, ParticipantStatus.DECLINED, ParticipantStatus.LEFT)
"""Takes no part, and is not asked about before somebody proposes it anew."""


class Package(StrEnum):
    """Kind of participant, which decides the proposed parts (design: access)."""

    COORDINATOR = "coordinator"
    SUBSTITUTE = "substitute"
    PROFESSIONAL = "professional"
    RELATIVE = "relative"


class ConsentStatus(StrEnum):
    DRAFT = "draft"
    SENT = "sent"
    SIGNED = "signed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Capacity(StrEnum):
    """As what somebody signs or reads (eigenskap)."""

    OWNER = "owner"
    PARENTAL_RESPONSIBILITY = "parental_responsibility"
    CHILD_WELFARE = "child_welfare"
    GUARDIAN = "guardian"
    POWER_OF_ATTORNEY = "power_of_attorney"
    NEXT_OF_KIN = "next_of_kin"
    PARENT_INFORMED = "parent_informed"
    FOSTER_PARENT = "foster_parent"
    MINOR_REPRESENTATIVE = "minor_representative"
    FUTURE_POWER_OF_ATTORNEY = "future_power_of_attorney"


class Mandate(StrEnum):
    """What a legal guardian or a power of attorney is for (mandat)."""

    PERSONAL = "personal"
    MONEY = "money"
    BOTH = "both"


class ExceptionReason(StrEnum):
    """Why one who must sign need not (unntaksgrunn)."""

    ONLY_HOLDER = "only_holder"
    DAILY_CARE = "daily_care"
    NECESSARY_HELP = "necessary_help"
    CARE_TAKEN_OVER = "care_taken_over"
    DANGER = "danger"
    OTHER = "other"

    @property
    def may_be_told(self) -> bool:
        """Whether the family reads it: what could put a child in danger stays in the office."""
        return self is not ExceptionReason.DANGER


class Heard(StrEnum):
    """How a child was asked what it means (korleis barnet er høyrt)."""

    TALKED = "talked"
    OTHER_WAY = "other_way"
    WROTE = "wrote"


class Verification(StrEnum):
    """How a representation was checked (kontrollmåte)."""

    POPULATION_REGISTER = "population_register"
    DOCUMENT = "document"
    KNOWN = "known"


class Role(StrEnum):
    """Hats in one municipality (rolle). The stored words are Norwegian, as in the field.

    Stored as bits in this order (models.base.EnumSet): add at the end only.
    """

    OWNER = "planeier"
    REPRESENTATIVE = "foresatt"
    COORDINATOR = "koordinator"
    PARTICIPANT = "deltaker"
    COORDINATING_UNIT = "koordinerende_enhet"
    LEADER = "avdelingsleder"
    ADMINISTRATOR = "systemansvarlig"
    COMPETENCE_GROUP = "kompetansegruppe"


OFFICE_ROLES = frozenset(
    {Role.COORDINATING_UNIT, Role.LEADER, Role.ADMINISTRATOR, Role.COMPETENCE_GROUP}
)
"""Given in the office's register only, never as a consequence of a plan."""
SECOND_PERSONS = frozenset({Role.COORDINATING_UNIT, Role.LEADER})
"""Those who confirm what somebody else has looked at first."""


class ActivityStatus(StrEnum):
    NEW = "new"
    ONGOING = "ongoing"
    DONE = "done"
    ENDED = "ended"

    @property
    def is_finished(self) -> bool:
        return self in (ActivityStatus.DONE, ActivityStatus.ENDED)


class GoalStatus(StrEnum):
    """How far a goal is from being wanted to being done with (målstatus)."""

    NEW = "new"
    UNDER_WAY = "under_way"
    REACHED = "reached"
    SET_ASIDE = "set_aside"

    @property
    def is_finished(self) -> bool:
        return self in (GoalStatus.REACHED, GoalStatus.SET_ASIDE)


class Attendance(StrEnum):
    UNANSWERED = "unanswered"
    COMING = "coming"
    NOT_COMING = "not_coming"
    NOT_NEEDED = "not_needed"


class Suits(StrEnum):
    """Whether a time suits somebody who is asked (datoval)."""

    UNANSWERED = "unanswered"
    YES = "yes"
    IF_I_MUST = "if_i_must"
    NO = "no"


class Presence(StrEnum):
    """Who was there (oppmøte), as the minutes say it."""

    CAME = "came"
    EXCUSED = "excused"
    ABSENT = "absent"


class Outcome(StrEnum):
    """What became of what was agreed last time (utfall)."""

    DONE = "done"
    PARTLY = "partly"
    NOT_DONE = "not_done"


class AgendaKind(StrEnum):
    """A point somebody has proposed, or one that every meeting has (fast sak); in minutes also
    what was agreed last time."""

    PROPOSED = "proposed"
    PRESENTATION = "presentation"
    ABSENCES = "absences"
    LAST_MINUTES = "last_minutes"
    OTHER = "other"
    PROMISE = "promise"


class Settled(StrEnum):
    """How an agenda is settled with the owner's side before people are called (avklart)."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    PORTAL = "portal"
    NOT = "not"


class MeetingState(StrEnum):
    """What a meeting is that does not take place as it stands (møtestatus)."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


class Face(StrEnum):
    """How it goes, on a scale of five faces (ansikt)."""

    VERY_BAD = "very_bad"
    BAD = "bad"
    SO_SO = "so_so"
    GOOD = "good"
    VERY_GOOD = "very_good"


class GoalResult(StrEnum):
    REACHED = "reached"
    PARTLY = "partly"
    NOT_REACHED = "not_reached"
    NOT_RELEVANT = "not_relevant"


class Audience(StrEnum):
    """Who is asked an evaluation question (kven)."""

    OWNER = "owner"
    PARTICIPANT = "participant"
    TEAM = "team"


class Continuation(StrEnum):
    """What the plan becomes after an evaluation (vidare)."""

    GO_ON = "go_on"
    LESSER = "lesser"
    MORE = "more"
    END = "end"


class Channel(StrEnum):
    """How somebody is told (kanal). A notice is always in Medspel itself too.

    The first two are sent by the worker, the last two noted by somebody who did it.
    Stored as bits in this order (models.base.EnumSet): add at the end only.
    """

    MAIL = "mail"
    SMS = "sms"
    LETTER = "letter"
    CALL = "call"

    @property
    def is_by_hand(self) -> bool:
        return self in (Channel.LETTER, Channel.CALL)


class Topic(StrEnum):
    """What a notice is about, as people choose how to be told of it (emne)."""

    MEETING = "meeting"
    MINUTES = "minutes"
    CONSENT = "consent"
    MESSAGE = "message"
    EVALUATION = "evaluation"
    ACCESS = "access"
    TASKS = "tasks"

    @property
    def must_arrive(self) -> bool:
        """A date or a signature hangs on it: told at once, and never by Medspel alone."""
        return self in (Topic.MEETING, Topic.MINUTES, Topic.CONSENT)


class Fault(StrEnum):
    """Why something was not delivered (feil): the first two are for good, the last for now."""

    NOT_FOR_THEM = "not_for_them"
    NO_ADDRESS = "no_address"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


class Theme(StrEnum):
    """How pages look to one person (tema); `AUTO` is as the device says."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


class Family(StrEnum):
    """What a plan-bound row is to the policy."""

    ELEMENT = "element"
    PLAN = "plan"
    TEAM = "team"
    PROPOSAL = "proposal"
    SIGNATURE = "signature"
    OWNED = "owned"
    KEY = "key"
    PAUSE = "pause"
    LOG = "log"
    DRAFT = "draft"
    EVIDENCE = "evidence"
    RECEIPT = "receipt"
    RECEIPT_COPY = "receipt_copy"
    PAPER = "paper"


class Recorded(StrEnum):
    """What a record of evidence says was done (hending)."""

    SIGNED = "signed"
    PERSON_OUT = "person_out"
    PART_SHUT = "part_shut"
    OUTSIDE_OUT = "outside_out"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    PAUSED = "paused"
    RESUMED = "resumed"
    LEFT = "left"
    APPOINTMENT_ENDED = "appointment_ended"
    OWNER_DECIDES = "owner_decides"
    MERGED = "merged"


class Exchange(StrEnum):
    """What is done with somebody who has no sign-in (utveksling): information is fetched from
    them, shared with them, they attend meetings."""

    FETCH = "fetch"
    SHARE = "share"
    ATTEND = "attend"


class Circle(StrEnum):
    """Whom a message is for (krins)."""

    CHOSEN = "chosen"
    COORDINATOR_ONLY = "coordinator_only"
    OWNERS_SIDE = "owners_side"
