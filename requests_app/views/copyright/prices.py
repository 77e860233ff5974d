"""Settings → Royalty prices: the price list that counts, the rights service, and collection development's address."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from illdesk import actors, events
from illdesk.errors import BadAnswer, NotAllowed
from illdesk.http import needs
from illdesk.pages import settings_side
from requests_app.copyright import asking, prices
from requests_app.forms.royalties import FileForm, PricesForm
from requests_app.models import OverLimitSettings, PriceList, RightsQuote

_FAMILIES = {PriceList.DRAFT: "decision", PriceList.COUNTS: "ended_ok", PriceList.PAST: "ended_not",
             PriceList.DISCARDED: "ended_not"}
_SHOWN = 20


@needs("manage_copyright")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request):
    row = OverLimitSettings.current()
    form = PricesForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            saved = form.save(commit=False)
            saved.pk = 1
            saved.save()
            events.record("royalty_prices.changed", subject=("royalty_prices", 1), actor=actors.staff(request.user),
                          now=timezone.now(), data={"fields": sorted(form.changed_data)})
        messages.success(request, _("The settings of royalty prices are stored."))
        return redirect("royalty_prices")
    return _page(request, form=form, status=422 if request.method == "POST" else 200)


def _page(request, *, form: PricesForm | None = None, file: FileForm | None = None, status: int = 200):
    settings_side.show(request)
    row = OverLimitSettings.current()
    context = {
        "form": form or PricesForm(instance=row), "file": file or FileForm(), "row": row,
        "lists": [{"list": one, "family": _FAMILIES[one.state]}
                  for one in PriceList.objects.select_related("by").order_by("-pk")[:_SHOWN]],
        "quotes": list(RightsQuote.objects.order_by("-pk")[:_SHOWN]), "errors": form or file,
    }
    return render(request, "requests_app/copyright/prices.html", context, status=status)


@needs("manage_copyright")
@require_POST
def test(request):
    worked, words = asking.test(now=timezone.now())
    if worked:
        messages.success(request, words)
    else:
        messages.error(request, _("The rights service did not answer as it should: %(words)s") % {"words": words})
    return redirect("royalty_prices")


@needs("manage_copyright")
@require_POST
def load(request):
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, file=form, status=422)
    file = form.cleaned_data["file"]
    try:
        row = prices.load(file.read(), file.name, actor=actors.staff(request.user), now=timezone.now())
    except BadAnswer as refusal:
        form.add_error("file", str(refusal))
        return _page(request, file=form, status=422)
    return redirect("price_list", row.pk)


@needs("manage_copyright")
@require_safe
def price_list(request, pk: int):
    settings_side.show(request)
    row = get_object_or_404(PriceList.objects.select_related("by"), pk=pk)
    context = {
        "list": row, "family": _FAMILIES[row.state], "rows": row.prices.order_by("line")[:50],
        "problems": [(line, prices.PROBLEMS.get(code, code), value) for line, code, value in row.problems],
        "before": PriceList.objects.filter(state=PriceList.COUNTS).exclude(pk=pk).first(),
    }
    return render(request, "requests_app/copyright/price_list.html", context)


@needs("manage_copyright")
@require_POST
def decide(request, pk: int, what: str):
    row = get_object_or_404(PriceList, pk=pk)
    actor, now = actors.staff(request.user), timezone.now()
    if what == "confirm":
        try:
            prices.confirm(row, actor=actor, now=now)
            messages.success(request, _("These prices count from now on."))
        except NotAllowed as refusal:
            messages.error(request, str(refusal))
    elif what == "discard":
        prices.discard(row, actor=actor, now=now)
        messages.info(request, _("The list is thrown away. What counted before counts on."))
    else:
        raise Http404
    return redirect("royalty_prices")
