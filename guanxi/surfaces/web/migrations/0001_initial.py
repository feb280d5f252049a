import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('org', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_index=True)),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sort_key', models.CharField(default='', editable=False, max_length=64)),
                ('extra', models.JSONField(blank=True, default=dict, editable=False)),
                ('object_type', models.CharField(max_length=80)),
                ('name', models.CharField(max_length=80)),
                ('audience', models.CharField(default='me', max_length=40)),
                ('face', models.CharField(default='table', max_length=40)),
                ('columns', models.JSONField(blank=True, default=list)),
                ('tree', models.JSONField(blank=True, default=dict)),
                ('words', models.CharField(blank=True, default='', max_length=200)),
                ('sort', models.CharField(blank=True, default='', max_length=80)),
                ('group_by', models.CharField(blank=True, default='', max_length=80)),
                ('board_field', models.CharField(blank=True, default='', max_length=80)),
                ('stands_for', models.CharField(blank=True, default='', max_length=20)),
                ('pinned', models.BooleanField(default=False)),
                ('is_default', models.BooleanField(default=False)),
                ('position', models.BigIntegerField(default=100)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upper_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['sort_key', 'id'], name='web_savedview_key'), models.Index(condition=models.Q(('deleted_at', None)), fields=['owner', 'sort_key', 'id'], name='web_savedview_own'), models.Index(fields=['object_type', 'position', 'id'], name='web_savedview_object')],
            },
        ),
    ]
