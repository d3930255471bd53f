"""Every page there is (sider), registered in one place."""

from __future__ import annotations

from flask_appbuilder import AppBuilder

import views.elements
from models.elements import PlanElement
from models.elements.activity import Activity
from models.elements.goal import Goal
from models.elements.meeting import Meeting
from views.accessibility import Accessibility
from views.account.agreement import Agreement
from views.account.answer_link import AnswerLink
from views.account.authenticator import OwnApp
from views.account.contact import OwnContact
from views.account.eid import EidSignIn
from views.account.guidance import Guidance
from views.account.hats import Hats
from views.account.inbox import Inbox
from views.account.invitation import InvitationPage
from views.account.look import HowItLooks
from views.account.me import MyAccount
from views.account.nicknames import Nicknames
from views.account.notices import NoticeChoices, Notices
from views.account.password import OwnPassword
from views.account.second_step import SecondStep
from views.account.sign_in import SignIn
from views.account.sign_out import SignOut, SingleSignOut
from views.account.stay import Stay
from views.account.training import OwnTraining
from views.component_page import ComponentPage
from views.health import HealthPages
from views.help import Help
from views.language import LanguageView
from views.look import TownLook
from views.office import registers
from views.office.assessing import Assessing
from views.office.attendance import Attendance
from views.office.case_letters import CaseLetters
from views.office.complaining import Complaining
from views.office.confirmations import Confirmations
from views.office.coordinator_profile import ProfilePage
from views.office.coordinators import Coordinators
from views.office.deadlines import Deadlines
from views.office.deciding import Deciding
from views.office.delaying import Delaying
from views.office.inquiring import Inquiring
from views.office.invitations import Invitations
from views.office.lacking import LacksBasics
from views.office.lookup import Lookup
from views.office.merging import Merging
from views.office.nominations import Naming, Nominating
from views.office.not_let_in import NotLetIn
from views.office.numbers import Numbers
from views.office.on_a_day import OnADay
from views.office.plan_register import PlanRegisterView
from views.office.registration import Registration
from views.office.rights import Rights
from views.office.settings import Settings
from views.office.succession import Succession
from views.office.taking import Taking
from views.office.undelivered import Undelivered
from views.plan.access_log import AccessLog
from views.plan.attachments import Attachments
from views.plan.background import BackgroundRoom
from views.plan.consent import ConsentPage
from views.plan.conversion import Conversion
from views.plan.correcting import Correcting
from views.plan.draft import DraftRoom
from views.plan.easy_read import EasyRead, EasyReading
from views.plan.evaluation import EvaluationRoom
from views.plan.getting_started import GettingStarted
from views.plan.goals import GoalPlaces, Goals
from views.plan.handing_over import HandingOver
from views.plan.hiding import Hiding
from views.plan.history import ConsentHistory
from views.plan.illustration import GoalPicturePage, PortraitPage
from views.plan.leaving import Leaving
from views.plan.meeting_agenda import MeetingAgenda
from views.plan.meeting_answers import MeetingAnswers
from views.plan.meeting_change import Meetings
from views.plan.meeting_people import MeetingPeople
from views.plan.meeting_sending import MeetingSending
from views.plan.meeting_times import MeetingTimes
from views.plan.meetings import MeetingRoom
from views.plan.messages import Compose
from views.plan.minutes import MinutesRoom
from views.plan.minutes_writing import MinutesWriting
from views.plan.one_access import OneAccess
from views.plan.outside import Outside
from views.plan.overview import Overview
from views.plan.paper import PaperPage
from views.plan.plan_copy import PlanCopy
from views.plan.presentation import PresentationRoom
from views.plan.reached import Reached
from views.plan.receipts import Receipts
from views.plan.reminding import Reminding
from views.plan.see_as import SeeAs
from views.plan.signing_exception import SigningExceptions
from views.plan.standing_points import StandingPoints
from views.plan.tasks import Tasks
from views.plan.team import Team
from views.plan.threads import Threads
from views.plan.timeline import Timeline
from views.plan.together import Together
from views.plan.versions import Versions
from views.public.requesting import Requesting
from views.sent import SentPage
from views.start import Start

BETTER: dict[type[PlanElement], type[views.elements.ElementView]] = {
    Goal: Goals,
    Activity: Tasks,
    Meeting: Meetings,
}
"""Elements whose generated pages are helped by hand."""
BY_HAND = (
    Start,
    SignIn,
    SecondStep,
    EidSignIn,
    SignOut,
    SingleSignOut,
    InvitationPage,
    AnswerLink,
    Requesting,
    OwnPassword,
    OwnApp,
    MyAccount,
    OwnContact,
    Agreement,
    Notices,
    NoticeChoices,
    Nicknames,
    Inbox,
    OwnTraining,
    Guidance,
    Stay,
    LanguageView,
    Hats,
    Help,
    HealthPages,
    Accessibility,
    Registration,
    Invitations,
    PlanRegisterView,
    Lookup,
    HowItLooks,
    TownLook,
    Deadlines,
    Coordinators,
    ProfilePage,
    Succession,
    Settings,
    Numbers,
    OnADay,
    Attendance,
    LacksBasics,
    NotLetIn,
    Undelivered,
    Rights,
    Merging,
    Confirmations,
    Taking,
    Deciding,
    Assessing,
    Inquiring,
    Delaying,
    CaseLetters,
    Complaining,
    Nominating,
    Naming,
    Overview,
    GettingStarted,
    Timeline,
    PlanCopy,
    PresentationRoom,
    PortraitPage,
    GoalPicturePage,
    BackgroundRoom,
    EasyRead,
    EasyReading,
    Team,
    ConsentPage,
    OneAccess,
    Outside,
    Leaving,
    SigningExceptions,
    PaperPage,
    Together,
    ConsentHistory,
    Receipts,
    SeeAs,
    AccessLog,
    Compose,
    Threads,
    Correcting,
    Attachments,
    Conversion,
    DraftRoom,
    MeetingRoom,
    MeetingAgenda,
    MeetingSending,
    MeetingPeople,
    MeetingAnswers,
    MeetingTimes,
    StandingPoints,
    MinutesWriting,
    MinutesRoom,
    Reached,
    EvaluationRoom,
    Hiding,
    GoalPlaces,
    HandingOver,
    Reminding,
    Versions,
)


def register(builder: AppBuilder, debug: bool, demo: bool) -> None:
    """debug: the page of components too. demo: what has been sent."""
    views.elements.register(builder, BETTER)
    more = [*([ComponentPage] if debug else []), *([SentPage] if demo else [])]
    for view in (*BY_HAND, *registers.views(), *more):
        builder.add_view_no_menu(view)
