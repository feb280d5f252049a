from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("steps", "0001_initial")]
    operations = [migrations.AddField("Item", "upper", models.CharField(max_length=40, default=""))]
