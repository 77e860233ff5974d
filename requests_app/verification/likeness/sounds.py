"""Tables of scripts: letters, and what their many transliterations have in common. Pure.

A word in another script is romanized by ALA-LC, ISO 9, BGN, GOST, ELOT, DMG or as somebody without a table writes it.
Rather than guessing which, `ROMAN` writes one plain form and `BONES` then rubs out, on both sides, what the systems
disagree about; what is left is the same for all of them.
"""

CYRILLIC = dict(zip(
    "абвгдезийклмнопрстуфыэіїєґўјѣѳѵёћђ",
    ["a", "b", "v", "g", "d", "e", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "y", "e", "i",
     "i", "e", "g", "u", "i", "e", "f", "i", "e", "c", "d"],
    strict=True,
)) | {
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "iu", "я": "ia",
    "љ": "li", "њ": "ni", "џ": "dzh", "ѓ": "g", "ќ": "k", "ѕ": "dz",
}
# Greek as ELOT 743; single letters between Latin words ("α-helix") are named instead.
GREEK = dict(zip(
    "αβγδεζηθικλμνξοπρσςτυφχψω",
    ["a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "ks", "o", "p", "r", "s", "s", "t", "y",
     "f", "ch", "ps", "o"],
    strict=True,
))
_NAMES = """
alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau upsilon phi chi
psi omega
"""
GREEK_NAMES = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", _NAMES.split(), strict=True))
# Vowels are not written, so only consonants count; vav is a vowel far more often than not. Words of one letter
# (wa-, bi-, ha-) hang on the next.
HEBREW = dict(zip(
    "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    ["", "b", "g", "d", "h", "", "z", "h", "t", "y", "k", "k", "l", "m", "m", "n", "n", "s", "", "p", "f", "ts", "ts",
     "k", "r", "sh", "t"],
    strict=True,
))
ARABIC = dict(zip(
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئپچژگکیۀٱ",
    ["a", "b", "t", "th", "j", "h", "kh", "d", "dh", "r", "z", "s", "sh", "s", "d", "t", "z", "", "gh", "f", "q", "k",
     "l", "m", "n", "h", "w", "y", "a", "h", "", "a", "i", "a", "w", "y", "p", "ch", "zh", "g", "k", "y", "h", "a"],
    strict=True,
))
LETTERS: dict[int, str] = {
    ord(letter): roman for table in (CYRILLIC, GREEK, HEBREW, ARABIC) for letter, roman in table.items()
}
# Latin letters that no decomposition takes apart.
LETTERS |= {ord(letter): plain for letter, plain in {
    "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n", "ə": "a",
    "ɛ": "e", "ɔ": "o", "ƙ": "k", "ɓ": "b", "ɗ": "d", "ơ": "o", "ư": "u", "ĸ": "k",
}.items()}

# Letters with a mark that stand for two in other systems, before marks are taken off.
MARKED = {
    "cyrillic": {"ž": "zh", "š": "sh", "č": "ch", "ŝ": "shch", "â": "ia", "û": "iu", "ĵ": "zh", "ĉ": "ch"},
    "arabic": {"š": "sh", "ṯ": "th", "ḏ": "dh", "ǧ": "j", "ġ": "gh", "ḫ": "kh", "č": "ch", "ž": "zh", "ḥ": "h"},
    "hebrew": {"š": "sh", "ḥ": "h", "ṣ": "ts", "ẓ": "ts", "č": "ch"},
}
# Rubbed out in this order, as (pattern, what stays). All in small plain letters.
_VOWELLESS = [("[aeiouy]+", "")]
BONES: dict[str, list[tuple[str, str]]] = {
    "cyrillic": [
        (r"shtsh|schtsch|shch|stsch|sch|sh", "s"), (r"tsch|tch|tsh|ch|cz|ts|tz", "c"), (r"zh", "z"), (r"kh", "h"),
        (r"x", "ks"), (r"w", "v"), (r"ph", "f"), (r"th", "t"), (r"q", "k"), (r"[yj]", "i"),
        (r"i+(?=[aeou])", ""), (r"i+\b", "i"), (r"(.)\1+", r"\1"), (r"ou", "u"),
    ],
    "arabic": [
        (r"\b(fi|bi|wa|li)l (?=\w)", r"\1 "), (r"\b(?:al|el|ul|il|ad|ar|as|ash|at|an|az|l) (?=\w)", ""),
        (r"\b(sh|[tdrzsn]) (?=\1)", ""),
        (r"\b(?:al|el)(?=\w{3})", ""), (r"th|ts", "t"), (r"dh|zh", "z"), (r"sh|ch", "s"), (r"kh", "h"), (r"gh", "g"),
        (r"q", "k"), (r"[jg]", "g"), (r"v", "w"), (r"h\b", ""), *_VOWELLESS, (r"w", ""), (r"(.)\1+", r"\1"), (r" ", ""),
    ],
    "hebrew": [
        (r"\b(?:ha|he|ve|va|be|ba|le|la|mi|me|ke|she|u) (?=\w)", ""),
        (r"\bv", ""), (r"sh|s", "s"), (r"ts|tz", "z"), (r"kh|ch|q|c|k", "k"), (r"th", "t"), (r"ph|f|p", "p"),
        (r"w|v|b", "b"),
        (r"j", "g"), (r"h", ""), *_VOWELLESS, (r"(.)\1+", r"\1"), (r" ", ""),
    ],
    "greek": [
        (r"mp", "b"), (r"nt", "d"), (r"gk|gg|ng", "g"), (r"th", "8"), (r"ph", "f"), (r"x", "ks"), (r"ch|kh|c|q", "k"),
        (r"h", ""), (r"([ae])[uyvf]", r"\1"), (r"v|b", "v"), *_VOWELLESS, (r"(.)\1+", r"\1"),
    ],
    # Pinyin, Wade-Giles and Postal differ in the strength of consonants and in e/o/u; tones are figures or marks.
    "han": [
        (r"\d", ""), (r" ", ""), (r"tz|ts|z|c(?!h)", "z"), (r"zh|ch|j|q", "c"), (r"hs|sh|x|s", "s"), (r"[pb]", "p"),
        (r"[td]", "t"), (r"[kg]", "k"), (r"ung", "ong"), (r"ou", "o"), (r"uo|o|e(?!n|i)", "o"),
        (r"ien", "ian"), (r"ih|yi", "i"),
        (r"v|yu", "u"), (r"(.)\1+", r"\1"),
    ],
    "kana": [
        (r"o[uo]|oh(?![aeiou])", "o"), (r"u+", "u"), (r"e[ie]", "e"), (r"sh|sy", "s"), (r"ch|ty|ts", "t"), (r"f", "h"),
        (r"jy?|zy|dz", "z"), (r"m(?=[bp])", "n"), (r"(?<=[sztz])i(?=[auo])", ""), (r" ", ""), (r"(.)\1+", r"\1"),
        (r"wo\b", "o"),
    ],
    "hangul": [
        (r"eo|o", "o"), (r"eu|u", "u"), (r"ch|j", "c"), (r"[gk]", "k"), (r"[dt]", "t"), (r"[bp]", "p"), (r"[rl]", "l"),
        (r"sh", "s"), (r" ", ""), (r"(.)\1+", r"\1"),
    ],
    "other": [*_VOWELLESS, (r"h", ""), (r"[wv]", "v"), (r"(.)\1+", r"\1"), (r" ", "")],
}

# Readings of words that titles, journals and societies are full of. Japanese characters have no reading of their own
# that a table of letters could give; a title that is not wholly made of these cannot be compared with Latin letters.
_READINGS = """
日本=nihon 研究=kenkyu 文学=bungaku 歴史=rekishi 社会=shakai 経済=keizai 学会=gakkai 雑誌=zasshi 論文=ronbun
論集=ronshu 大学=daigaku 紀要=kiyo 教育=kyoiku 科学=kagaku 化学=kagaku 物理=butsuri 数学=sugaku 医学=igaku
法学=hogaku 法律=horitsu 政治=seiji 思想=shiso 哲学=tetsugaku 宗教=shukyo 仏教=bukkyo 文化=bunka 芸術=geijutsu
美術=bijutsu 音楽=ongaku 言語=gengo 言語学=gengogaku 国語=kokugo 英語=eigo 考古学=kokogaku 地理=chiri
民俗=minzoku 民族=minzoku 図書館=toshokan 史学=shigaku 時代=jidai 世界=sekai 東洋=toyo 西洋=seiyo 東京=tokyo
京都=kyoto 大阪=osaka 近代=kindai 現代=gendai 古代=kodai 中世=chusei 近世=kinsei 明治=meiji 昭和=showa
江戸=edo 平家=heike 源氏=genji 物語=monogatari 雪国=yukiguni 古都=koto 人間=ningen 失格=shikkaku
金閣寺=kinkakuji 砂=suna 女=onna 猫=neko 吾輩=wagahai 坊=bo 三四郎=sanshiro 草枕=kusamakura 門=mon 森=mori
羅生門=rashomon 細雪=sasameyuki 春琴抄=shunkinsho 斜陽=shayo 沈黙=chinmoku 海=umi 山=yama 川=kawa 羊=hitsuji
冒険=boken 全集=zenshu 選集=senshu 詩集=shishu 小説=shosetsu 辞典=jiten 事典=jiten 入門=nyumon 概論=gairon
原論=genron 理論=riron 構造=kozo 甘え=amae 善=zen 風土=fudo 倫理学=rinrigaku 史=shi 学=gaku 論=ron 集=shu
記=ki 誌=shi 上=jo 下=ge 枕草子=makuranososhi 徒然草=tsurezuregusa 万葉集=manyoshu 古事記=kojiki
源氏物語=genjimonogatari 平家物語=heikemonogatari 道=michi 心=kokoro 夏目=natsume 漱石=soseki 川端=kawabata
康成=yasunari 三島=mishima 由紀夫=yukio 村上=murakami 春樹=haruki 太宰=dazai 治=osamu 谷崎=tanizaki
潤一郎=junichiro 芥川=akutagawa 龍之介=ryunosuke 竜之介=ryunosuke 安部=abe 公房=kobo 大江=oe 健三郎=kenzaburo
遠藤=endo 周作=shusaku 紫式部=murasakishikibu 柳田=yanagita 国男=kunio 西田=nishida 幾多郎=kitaro 和辻=watsuji
哲郎=tetsuro 丸山=maruyama 真男=masao 土居=doi 健郎=takeo 中根=nakane 千枝=chie 田中=tanaka 鈴木=suzuki
佐藤=sato 高橋=takahashi 渡辺=watanabe 山本=yamamoto 小林=kobayashi 吉本=yoshimoto 日本史=nihonshi 戦争=senso
平和=heiwa
"""
JAPANESE = dict(pair.split("=") for pair in _READINGS.split())
