import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0004_rooms_of_money'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='batchline',
            name='period',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='billing.period'),
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
            field=models.PositiveSmallIntegerField(default=0, help_text='How often its settling was undone.'),
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
    ]
