import django.db.models.deletion
import illdesk.secrets
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0004_rooms_of_money'),
        ('illdesk', '0007_mailboxes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='batchline',
            name='period',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.period'),
        ),
        migrations.AddField(
            model_name='localfile',
            name='by_sftp',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='localfile',
            name='naming',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='localfile',
            name='next_try',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='localfile',
            name='taken',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='localfile',
            name='tries',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='localfile',
            name='why',
            field=models.CharField(blank=True, max_length=400),
        ),
        migrations.AddField(
            model_name='payableinvoice',
            name='paper_passed',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='payableinvoice',
            name='paper_passed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='voucherchange',
            name='undone',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name='chargepayment',
            name='way',
            field=models.CharField(choices=[('cash', 'Cash'), ('card', 'Card'), ('cheque', 'Check'), ('local', 'Local billing system'), ('credit', 'Credit')], max_length=6),
        ),
        migrations.AlterField(
            model_name='localsystem',
            name='kind',
            field=models.CharField(choices=[('none', 'None: we collect ourselves'), ('alma', 'Alma fees'), ('ncip', 'NCIP fiscal transactions'), ('file', 'A file, with acknowledgements coming back'), ('sftp', 'Files over SFTP')], default='none', max_length=4, verbose_name='system'),
        ),
        migrations.CreateModel(
            name='SftpServer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('host', models.CharField(max_length=255, verbose_name='SFTP server')),
                ('port', models.PositiveIntegerField(default=22, verbose_name='port')),
                ('user', models.CharField(max_length=255, verbose_name='user')),
                ('password', illdesk.secrets.EncryptedText(blank=True, default='')),
                ('private_key', illdesk.secrets.EncryptedText(blank=True, default='')),
                ('public_key', models.CharField(blank=True, max_length=2000)),
                ('out_folder', models.CharField(blank=True, help_text='As the server names it, for example to-bursar. Empty: the folder the user is in after signing in. A file has its name only when it is whole; until then it begins with a dot.', max_length=300, verbose_name='folder for our files')),
                ('in_folder', models.CharField(blank=True, default='in', help_text='Files in it that end in .csv or .txt are read, each once.', max_length=300, verbose_name='folder of acknowledgements')),
                ('done_folder', models.CharField(blank=True, help_text='Acknowledgements are moved there. Empty: they stay where they are, and are remembered by name, length and time.', max_length=300, verbose_name='folder for what was read')),
                ('key_kind', models.CharField(blank=True, max_length=40)),
                ('fingerprint', models.CharField(blank=True, max_length=80)),
                ('confirmed', models.DateTimeField(blank=True, null=True)),
                ('seen_kind', models.CharField(blank=True, max_length=40)),
                ('seen_fingerprint', models.CharField(blank=True, max_length=80)),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
                ('claimed', models.DateTimeField(blank=True, null=True)),
                ('worked', models.DateTimeField(blank=True, null=True)),
                ('failures', models.PositiveIntegerField(default=0)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('next_try', models.DateTimeField(blank=True, null=True)),
                ('why', models.CharField(blank=True, max_length=400)),
                ('tested', models.DateTimeField(blank=True, null=True)),
                ('test_steps', models.JSONField(default=list)),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'SFTP server',
            },
        ),
        migrations.CreateModel(
            name='LibraryRefund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=11, verbose_name='amount')),
                ('own', models.DecimalField(decimal_places=2, default=0, max_digits=11)),
                ('why', models.CharField(max_length=300, verbose_name='reason')),
                ('state', models.CharField(choices=[('proposed', 'To be approved'), ('paid', 'Paid back'), ('refused', 'Not paid back'), ('undone', 'Undone')], default='proposed', max_length=8)),
                ('made', models.DateTimeField()),
                ('day', models.DateField(blank=True, null=True, verbose_name='paid on')),
                ('reference', models.CharField(blank=True, max_length=100, verbose_name='reference')),
                ('decided', models.DateTimeField(blank=True, null=True)),
                ('decided_why', models.CharField(blank=True, max_length=300)),
                ('key', models.CharField(max_length=100, unique=True)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='billing.payment')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('own__gte', 0)), name='library_refund_of_some_money'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'paid'), _negated=True), models.Q(('day__isnull', False), models.Q(('reference', ''), _negated=True)), _connector='OR'), name='library_refund_says_when_and_by_what'), models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('payment',), name='one_refund_of_a_payment_waits')],
            },
        ),
        migrations.CreateModel(
            name='SftpArrival',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255)),
                ('size', models.PositiveBigIntegerField()),
                ('modified', models.BigIntegerField()),
                ('looked', models.DateTimeField()),
                ('state', models.CharField(choices=[('seen', 'Just seen: it may still be being written'), ('read', 'Read'), ('bad', 'Not readable'), ('aside', 'Set aside')], default='seen', max_length=5)),
                ('at', models.DateTimeField(blank=True, null=True)),
                ('why', models.CharField(blank=True, max_length=400)),
                ('moved', models.DateTimeField(blank=True, null=True)),
                ('answer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.localanswer')),
                ('file', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='illdesk.attachment')),
            ],
            options={
                'indexes': [models.Index(fields=['state', '-id'], name='sftp_arrival_by_state')],
                'constraints': [models.UniqueConstraint(fields=('name', 'size', 'modified'), name='one_arrival_a_look')],
            },
        ),
    ]
