from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("steps", "0003_fill")]
    operations = [migrations.AlterField("Item", "name", models.CharField(max_length=80))]
