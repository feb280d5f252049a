import django.db.models.deletion
import guanxi.common.files
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('org', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_index=True)),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sort_key', models.CharField(default='', editable=False, max_length=64)),
                ('extra', models.JSONField(blank=True, default=dict, editable=False)),
                ('object_type', models.CharField(max_length=80)),
                ('file_name', models.CharField(max_length=200)),
                ('file', models.FileField(max_length=200, upload_to=guanxi.common.files.stored_name)),
                ('state', models.CharField(default='draft', max_length=40)),
                ('preview', models.JSONField(blank=True, default=dict)),
                ('mapping', models.JSONField(blank=True, default=dict)),
                ('options', models.JSONField(blank=True, default=dict)),
                ('figures', models.JSONField(blank=True, default=dict)),
                ('tried', models.JSONField(blank=True, default=dict)),
                ('watermark', models.BigIntegerField(default=0)),
                ('operation', models.BigIntegerField(blank=True, null=True)),
                ('job', models.CharField(blank=True, default='', max_length=40)),
                ('message', models.TextField(blank=True, default='')),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upper_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['sort_key', 'id'], name='impex_importrun_key'), models.Index(condition=models.Q(('deleted_at', None)), fields=['owner', 'sort_key', 'id'], name='impex_importrun_own')],
            },
        ),
        migrations.CreateModel(
            name='ImportChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_index=True)),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sort_key', models.CharField(default='', editable=False, max_length=64)),
                ('extra', models.JSONField(blank=True, default=dict, editable=False)),
                ('rejects', models.JSONField(blank=True, default=list)),
                ('links', models.JSONField(blank=True, default=list)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upper_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='impex.importrun')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['sort_key', 'id'], name='impex_importchunk_key'), models.Index(condition=models.Q(('deleted_at', None)), fields=['owner', 'sort_key', 'id'], name='impex_importchunk_own')],
            },
        ),
        migrations.CreateModel(
            name='ExportRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_index=True)),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sort_key', models.CharField(default='', editable=False, max_length=64)),
                ('extra', models.JSONField(blank=True, default=dict, editable=False)),
                ('name', models.CharField(blank=True, default='', max_length=200)),
                ('most_rows', models.BigIntegerField(default=100000)),
                ('tell_from', models.BigIntegerField(default=1000)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upper_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['sort_key', 'id'], name='impex_exportrule_key'), models.Index(condition=models.Q(('deleted_at', None)), fields=['owner', 'sort_key', 'id'], name='impex_exportrule_own')],
                'constraints': [models.CheckConstraint(condition=models.Q(('most_rows__gt', 0), ('tell_from__gt', 0)), name='impex_rule_positive', violation_error_message='The numbers of rows must be above zero.')],
            },
        ),
        migrations.CreateModel(
            name='ExportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_index=True)),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sort_key', models.CharField(default='', editable=False, max_length=64)),
                ('extra', models.JSONField(blank=True, default=dict, editable=False)),
                ('object_type', models.CharField(max_length=80)),
                ('file_name', models.CharField(max_length=200)),
                ('file', models.FileField(blank=True, max_length=200, upload_to=guanxi.common.files.stored_name)),
                ('state', models.CharField(default='waiting', max_length=40)),
                ('asked', models.JSONField(blank=True, default=dict)),
                ('rows', models.BigIntegerField(default=0)),
                ('message', models.TextField(blank=True, default='')),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upper_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['sort_key', 'id'], name='impex_exportrun_key'), models.Index(condition=models.Q(('deleted_at', None)), fields=['owner', 'sort_key', 'id'], name='impex_exportrun_own')],
            },
        ),
        migrations.CreateModel(
            name='ImportMapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_index=True)),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sort_key', models.CharField(default='', editable=False, max_length=64)),
                ('extra', models.JSONField(blank=True, default=dict, editable=False)),
                ('object_type', models.CharField(max_length=80)),
                ('signature', models.CharField(max_length=64)),
                ('mapping', models.JSONField(blank=True, default=dict)),
                ('options', models.JSONField(blank=True, default=dict)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upper_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['sort_key', 'id'], name='impex_importmapping_key'), models.Index(condition=models.Q(('deleted_at', None)), fields=['owner', 'sort_key', 'id'], name='impex_importmapping_own'), models.Index(fields=['object_type', 'signature'], name='impex_mapping_shape')],
            },
        ),
    ]
