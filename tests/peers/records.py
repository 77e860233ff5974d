"""A small catalogue of well-known works: several editions, other scripts, a journal, shelves of our own."""

from tests.requests_app.verification.marcs import collection, make

_BOOK = "00000nam a2200000 a 4500"
_JOURNAL = "00000cas a2200000 a 4500"
_ENTRIES = [
    (_BOOK, """
        001 tolstoy-1
        008 981122s1999    ru            000 1 rus d
        020 $a 9785170005550
        100 1_ $6 880-02 $a Tolstoy, Leo, $d 1828-1910.
        245 10 $6 880-01 $a Voĭna i mir / $c L.N. Tolstoĭ.
        260 $a Moskva : $b AST, $c 1999.
        880 10 $6 245-01/(N $a Война и мир / $c Л.Н. Толстой.
        880 1_ $6 100-02/(N $a Толстой, Лев Николаевич
        852 0_ $b Main Library $c Stacks $h PG3365 $i .V6 1999
    """),
    (_BOOK, """
        001 murasaki-1
        008 981122s1958    ja            000 1 jpn d
        245 10 $6 880-01 $a Genji monogatari.
        260 $a Tōkyō : $b Iwanami Shoten, $c 1958.
        880 10 $6 245-01/$1 $a 源氏物語
    """),
    (_BOOK, """
        001 mahfouz-1
        008 981122s1956    ua            000 1 ara d
        100 1_ $a Maḥfūẓ, Najīb
        245 10 $6 880-01 $a Bayna al-qaṣrayn
        880 10 $6 245-01/(3/r $a بين القصرين
    """),
    *[(_BOOK, f"""
        001 darwin-{number}
        008 981122s{year}    enk           000 0 eng d
        100 1_ $a Darwin, Charles, $d 1809-1882.
        245 13 $a On the origin of species by means of natural selection.
        250 $a {edition}
        260 $a London : $b John Murray, $c {year}.
    """) for number, (year, edition) in enumerate(((1859, "1st ed."), (1860, "2nd ed."), (1872, "6th ed.")), 1)],
    (_JOURNAL, """
        001 nature-1
        008 750101c18699999enkwr p       0   a0eng d
        022 $a 0028-0836
        245 00 $a Nature.
        785 00 $t Nature and science
        852 0_ $b Main Library $c Periodicals $h Q1
        866 $a v.1 (1869)-
    """),
]
CATALOGUE = collection(*(make(text, leader=leader) for leader, text in _ENTRIES))
