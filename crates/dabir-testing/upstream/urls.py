"""The list that is tested against, and the door by which a test changes it."""

from django.urls import path

from meetings import control, views

urlpatterns = [
    path("api/meetings/", views.MeetingList.as_view()),
    path("control/meetings", control.create),
    path("control/meetings/<int:pk>", control.change),
    path("control/counts", control.counts),
]
