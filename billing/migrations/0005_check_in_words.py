from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("billing", "0004_rooms_of_money"),
    ]

    operations = [
        migrations.AlterField(
            model_name="chargepayment",
            name="way",
            field=models.CharField(
                choices=[("cash", "Cash"), ("card", "Card"), ("cheque", "Check"), ("local", "Local billing system"),
                         ("credit", "Credit")],
                max_length=6),
        ),
    ]
