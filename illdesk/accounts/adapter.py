from allauth.account.adapter import DefaultAccountAdapter
from django.template.loader import render_to_string
from django.utils import timezone, translation

from illdesk import notices


class DeskAccountAdapter(DefaultAccountAdapter):
    """Accounts are given, not taken; and mail about them leaves through the outbox like all mail."""

    def is_open_for_signup(self, request):
        return False

    def send_mail(self, template_prefix, email, context):
        context = {**context, "email": email}
        user = context.get("user")
        with translation.override(getattr(user, "language", "") or translation.get_language()):
            subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
            body = render_to_string(f"{template_prefix}_message.txt", context)
        notices.mail(
            to=email, subject=subject, body=body, what=template_prefix, confidential=True, now=timezone.now()
        )
