"""The public list, made of nothing but what Django REST framework gives."""

from django.conf import settings
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework.serializers import ModelSerializer

from .models import Meeting


class MeetingSerializer(ModelSerializer):
    class Meta:
        model = Meeting
        fields = ["id", "name", "date_time", "port", "is_running"]


class Pages(PageNumberPagination):
    page_size = settings.PAGE_SIZE


class MeetingList(ListAPIView):
    queryset = Meeting.objects.all()
    serializer_class = MeetingSerializer
    pagination_class = Pages if settings.PAGE_SIZE else None
