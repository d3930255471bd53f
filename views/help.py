"""Help for exactly one page (hjelp): its own page, which works without a script."""

from __future__ import annotations

from flask import abort, current_app, g, request, url_for
from flask_appbuilder import expose
from flask_babel import get_locale, gettext

from models.i18n import N_
from services.shipped_help import SHIPPED, our_help, own_help
from views.back import came_from
from views.realm import PublicPage

NAMES = {
    "AccessLog.page": N_("Who has seen the plan"),
    "Accessibility.page": N_("Accessibility statement"),
    "BackgroundRoom.page": N_("How it is now"),
    "Compose.page": N_("New message"),
    "Threads.page": N_("Messages"),
    "Threads.thread": N_("A message"),
    "Correcting.page": N_("Put the message right"),
    "Inbox.page": N_("My messages"),
    "Agreement.page": N_("User agreement"),
    "ConsentHistory.page": N_("History of the consent"),
    "ConsentPage.page": N_("Consent"),
    "ConsentPage.receipt": N_("Receipt"),
    "ConsentPage.sign": N_("Who may see what?"),
    "OneAccess.page": N_("What one person may see"),
    "Leaving.page": N_("Leave the plan"),
    "ConsentPage.withdraw": N_("Withdraw access"),
    "ConsentPage.withdraw_all": N_("Withdraw the whole consent"),
    "Confirmations.list": N_("To confirm"),
    "Conversion.page": N_("Make this an individual plan"),
    "EasyRead.page": N_("The plan in few words"),
    "EidSignIn.choose": N_("Who do you want to sign in as?"),
    "EvaluationRoom.answer": N_("Your answers"),
    "EvaluationRoom.finish": N_("Finish the evaluation"),
    "EvaluationRoom.page": N_("Evaluation"),
    "EvaluationRoom.start": N_("Start an evaluation"),
    "Hats.page": N_("Switch role"),
    "HowItLooks.page": N_("How it looks"),
    "InvitationPage.page": N_("Invitation"),
    "AnswerLink.page": N_("Answering a call"),
    "Invitations.list": N_("Invitations"),
    "MeetingRoom.call": N_("Call a meeting"),
    "MinutesWriting.begin": N_("Write minutes"),
    "MinutesWriting.page": N_("Write minutes"),
    "MinutesWriting.give": N_("Hand over the minutes"),
    "MinutesRoom.page": N_("Minutes"),
    "MinutesRoom.journal": N_("For your own record"),
    "MeetingRoom.page": N_("Meeting"),
    "StandingPoints.reword": N_("Rename a point"),
    "MeetingTimes.page": N_("When can we meet?"),
    "MeetingTimes.propose": N_("Ask when it suits"),
    "MeetingTimes.answer": N_("Which times suit you?"),
    "MeetingAnswers.ready": N_("Prepare for the meeting"),
    "MeetingSending.cancel": N_("Cancel the meeting"),
    "MeetingAnswers.write_down": N_("Write down an answer"),
    "MeetingPeople.page": N_("Call more people"),
    "MeetingSending.settle": N_("Settle the agenda"),
    "MeetingAgenda.propose": N_("Propose a point"),
    "Merging.choose": N_("Same person as …"),
    "Merging.form": N_("One and the same person?"),
    "Merging.list": N_("Persons who stand twice"),
    "Merging.show": N_("One and the same person?"),
    "MyAccount.page": N_("My account"),
    "NoticeChoices.page": N_("How you are told"),
    "Nicknames.form": N_("Names only you see"),
    "Notices.page": N_("Notices"),
    "Numbers.list": N_("Numbers"),
    "OnADay.list": N_("Plans and coordinators on a day"),
    "Attendance.page": N_("Who was there?"),
    "NotLetIn.list": N_("Coordinators who cannot sign in"),
    "LacksBasics.list": N_("Who lacks basic training"),
    "Overview.page": N_("Now"),
    "OwnContact.form": N_("How we reach you"),
    "OwnTraining.page": N_("My courses"),
    "Guidance.form": N_("Ask for guidance"),
    "Guidance.sent": N_("Your question is sent"),
    "OwnApp.codes": N_("Your recovery codes"),
    "OwnApp.form": N_("App for codes"),
    "OwnPassword.form": N_("Choose a password"),
    "PaperPage.form": N_("Register a signed paper"),
    "PaperPage.print": N_("Consent on paper"),
    "PlanRegisterView.list": N_("Plan register"),
    "PresentationRoom.about_me": N_("About me"),
    "PresentationRoom.page": N_("Presentation"),
    "Reached.page": N_("Who is reached"),
    "GettingStarted.page": N_("Get started"),
    "HandingOver.page": N_("Hand over tasks"),
    "Together.page": N_("Sign together now"),
    "Hiding.page": N_("Who must not read this?"),
    "Registration.codes": N_("Start codes"),
    "Outside.add": N_("Propose somebody without a sign-in"),
    "Outside.withdraw": N_("Take back"),
    "PortraitPage.form": N_("Picture"),
    "GoalPicturePage.form": N_("Picture"),
    "PortraitPage.away": N_("Take the picture away"),
    "GoalPicturePage.away": N_("Take the picture away"),
    "Registration.page": N_("My persons"),
    "Registration.register": N_("Register a plan"),
    "Rights.form": N_("Make system administrator"),
    "Rights.list": N_("System administrators"),
    "SigningExceptions.form": N_("One who must sign does not"),
    "SecondStep.form": N_("Type the code"),
    "SeeAs.page": N_("See the plan as …"),
    "Settings.list": N_("Texts and settings"),
    "Coordinators.list": N_("Coordinators"),
    "ProfilePage.page": N_("What a coordinator can take on"),
    "Succession.page": N_("A coordinator leaves"),
    "Deadlines.list": N_("Deadlines"),
    "Deciding.form": N_("The answer to a request"),
    "Nominating.form": N_("A department is asked for a coordinator"),
    "Naming.form": N_("Who becomes the coordinator"),
    "Naming.appoint": N_("The coordinator is appointed"),
    "Assessing.form": N_("What is weighed"),
    "Inquiring.form": N_("More to know about a request"),
    "CaseLetters.form": N_("A letter in a case"),
    "Delaying.form": N_("A request that takes longer"),
    "Complaining.form": N_("A complaint of an answer"),
    "Requesting.towns": N_("Ask for a coordinator or a plan"),
    "Requesting.start": N_("Ask for a coordinator or a plan"),
    "Requesting.step": N_("Ask for a coordinator or a plan"),
    "Requesting.resume": N_("Go on with a request"),
    "Requesting.later": N_("Go on later"),
    "Requesting.summary": N_("Look over and send"),
    "Requesting.sent": N_("The request is sent"),
    "SignIn.form": N_("Sign in"),
    "Start.page": N_("My page"),
    "Start.plans": N_("All my plans"),
    "Team.add": N_("Propose a participant"),
    "Team.page": N_("Participants"),
    "Timeline.page": N_("Timeline"),
    "Versions.page": N_("Earlier versions"),
    "Undelivered.list": N_("Not delivered"),
}
"""What pages made by hand are called; the generated ones know their own words."""
DOING = {"add": N_("Add"), "edit": N_("Change"), "delete": N_("Remove"), "show": N_("Show")}
DOING |= {"bring_in": N_("Bring in from a file"), "look_over": N_("Look over")}


def name_of(page: str) -> str:
    """What a page is called, in the reader's language."""
    if page in NAMES:
        return str(gettext(NAMES[page]))
    view_name, _, verb = page.partition(".")
    for view in current_app.appbuilder.baseviews:  # type: ignore[attr-defined]
        if type(view).__name__ == view_name:
            doing = f": {gettext(DOING[verb]).lower()}" if verb in DOING else ""
            return f"{view.list_title}{doing}"
    return page


def help_address() -> str:
    """Where the help of the page at hand is; empty when it has none. A form that stands on
    a page and was refused is that page still."""
    page = request.endpoint or ""
    if page not in SHIPPED and request.method == "POST":
        page = f"{page.partition('.')[0]}.page"
    return url_for("Help.page", page=page) if page in SHIPPED else ""


class Help(PublicPage):
    """Readable before one has signed in too: then it is the text we ship."""

    route_base = "/help"

    @expose("/<page>")
    def page(self, page: str) -> str:
        if page not in SHIPPED:
            abort(404)
        own, language = own_help(g.session, page), str(get_locale())
        text = own or our_help(page)
        return str(
            self.render_template(
                "help.html",
                title=gettext("Help: %(page)s", page=name_of(page)),
                text=text.in_language(language),
                said_in=text.said_in(language),
                back=came_from(),
                change=url_for("HelpTextView.edit", pk=own.id) if own and _may_change() else "",
            )
        )


def _may_change() -> bool:
    return bool(current_app.appbuilder.sm.has_access("can_edit", "HelpText"))  # type: ignore[attr-defined]
