"""Every mapped class, for whoever needs the whole schema (skjema): migrations, triggers, scope."""

import models.account
import models.assessment
import models.attachment
import models.audit
import models.begun_import
import models.case_letter
import models.case_rule
import models.competence
import models.complaint
import models.consent
import models.coordinator
import models.course
import models.deadline_rule
import models.decision
import models.delay
import models.draft
import models.duty
import models.elements
import models.evidence
import models.feedback
import models.history
import models.illustration
import models.inquiry
import models.job_run
import models.meeting_time
import models.merging
import models.nomination
import models.notice_choice
import models.outbox
import models.outside
import models.own_plan
import models.paper
import models.plan
import models.plan_visit
import models.receipt
import models.request
import models.request_draft
import models.rights
import models.second_factor
import models.signing_exception
import models.user_agreement  # noqa: F401
from models.base import Model

METADATA = Model.metadata
