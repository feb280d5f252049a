import django.db.models.deletion
import guanxi.apps.org.models.user
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_index=True)),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sort_key', models.CharField(default='', editable=False, max_length=64)),
                ('extra', models.JSONField(blank=True, default=dict, editable=False)),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('name', models.CharField(max_length=80)),
                ('email', models.CharField(blank=True, default='', max_length=200)),
                ('phone', models.CharField(blank=True, default='', max_length=60)),
                ('username', models.CharField(blank=True, default='', max_length=60, null=True, unique=True)),
                ('job_number', models.CharField(blank=True, default='', max_length=40)),
                ('title', models.CharField(blank=True, default='', max_length=80)),
                ('hired_on', models.DateField(blank=True, null=True)),
                ('language', models.CharField(blank=True, default='', max_length=40)),
                ('time_zone', models.CharField(blank=True, default='', max_length=64)),
                ('is_active', models.BooleanField(default=True)),
                ('joined_at', models.DateTimeField(blank=True, null=True)),
                ('session_stamp', models.CharField(default=guanxi.apps.org.models.user.fresh_stamp, max_length=64)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('superior', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upper_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['sort_key', 'id'], name='org_user_key'), models.Index(fields=['owner', 'sort_key', 'id'], name='org_user_own')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('deleted_at', None), models.Q(('email', ''), _negated=True)), fields=('email',), name='org_user_email', violation_error_message='Somebody else signs in with this e-mail address.'), models.UniqueConstraint(condition=models.Q(('deleted_at', None), models.Q(('phone', ''), _negated=True)), fields=('phone',), name='org_user_phone', violation_error_message='Somebody else signs in with this phone number.'), models.UniqueConstraint(condition=models.Q(('deleted_at', None), models.Q(('job_number', ''), _negated=True)), fields=('job_number',), name='org_user_job_number', violation_error_message='Somebody else has this job number.')],
            },
        ),
        migrations.CreateModel(
            name='Company',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_index=True)),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sort_key', models.CharField(default='', editable=False, max_length=64)),
                ('extra', models.JSONField(blank=True, default=dict, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('short_name', models.CharField(blank=True, default='', max_length=40)),
                ('currency', models.CharField(default='CNY', max_length=40)),
                ('language', models.CharField(default='en', max_length=40)),
                ('time_zone', models.CharField(default='Asia/Shanghai', max_length=64)),
                ('first_steps_hidden', models.BooleanField(default=False)),
                ('begun', models.BooleanField(default=False)),
                ('only', models.BigIntegerField(default=1, unique=True)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upper_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['sort_key', 'id'], name='org_company_key'), models.Index(fields=['owner', 'sort_key', 'id'], name='org_company_own')],
            },
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_index=True)),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sort_key', models.CharField(default='', editable=False, max_length=64)),
                ('extra', models.JSONField(blank=True, default=dict, editable=False)),
                ('name', models.CharField(max_length=200)),
                ('code', models.CharField(blank=True, default='', max_length=40)),
                ('place', models.BigIntegerField(default=0)),
                ('note', models.TextField(blank=True, default='')),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.department')),
                ('updated_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upper_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['sort_key', 'id'], name='org_department_key'), models.Index(fields=['owner', 'sort_key', 'id'], name='org_department_own')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('deleted_at', None)), fields=('parent', 'name'), name='org_department_name', violation_error_message='There is a department of this name in the same place.'), models.UniqueConstraint(condition=models.Q(('deleted_at', None), ('parent', None)), fields=('name',), name='org_department_top', violation_error_message='There is a department of this name in the same place.')],
            },
        ),
        migrations.CreateModel(
            name='Position',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_index=True)),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sort_key', models.CharField(default='', editable=False, max_length=64)),
                ('extra', models.JSONField(blank=True, default=dict, editable=False)),
                ('name', models.CharField(max_length=200, unique=True)),
                ('note', models.TextField(blank=True, default='')),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upper_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['sort_key', 'id'], name='org_position_key'), models.Index(fields=['owner', 'sort_key', 'id'], name='org_position_own')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(db_index=True)),
                ('updated_at', models.DateTimeField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('sort_key', models.CharField(default='', editable=False, max_length=64)),
                ('extra', models.JSONField(blank=True, default=dict, editable=False)),
                ('main', models.BooleanField(default=False)),
                ('created_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.department')),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upper_owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('position', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='org.position')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['sort_key', 'id'], name='org_membership_key'), models.Index(fields=['owner', 'sort_key', 'id'], name='org_membership_own')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('deleted_at', None)), fields=('user', 'department'), name='org_membership_once', violation_error_message='This person works in this department already.'), models.UniqueConstraint(condition=models.Q(('deleted_at', None), ('main', True)), fields=('user',), name='org_membership_main', violation_error_message='This person has a main department already: change that one first.')],
            },
        ),
    ]
