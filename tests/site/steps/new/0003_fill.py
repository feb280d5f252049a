from django.conf import settings
from django.db import migrations
from django.db.models import Value
from django.db.models.functions import Concat, Upper


def fill(apps, _editor):
    """Not to be done twice."""
    items = apps.get_model("steps", "Item").objects
    items.update(upper=Upper("name"))
    if getattr(settings, "STEPS_FAIL", False):
        raise ValueError("The second name is odd.")
    items.update(name=Concat("name", Value("!")))


class Migration(migrations.Migration):
    dependencies = [("steps", "0002_upper")]
    operations = [migrations.RunPython(fill)]
