"""What a test may do to the meetings; no authentication, as it listens on the loopback alone."""

import json

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime

from . import counting
from .models import Meeting


def fields(request):
    values = json.loads(request.body)
    if "date_time" in values:
        values["date_time"] = parse_datetime(values["date_time"])
    return values


def create(request):
    return JsonResponse({"id": Meeting.objects.create(**fields(request)).pk})


def change(request, pk):
    meeting = get_object_or_404(Meeting, pk=pk)
    if request.method == "DELETE":
        meeting.delete()
        return HttpResponse(status=204)
    for name, value in fields(request).items():
        setattr(meeting, name, value)
    meeting.save()
    return JsonResponse({"id": pk})


def counts(request):
    with counting.lock:
        return JsonResponse(dict(counting.counts))
