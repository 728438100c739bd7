"""The words of the generated documents: sentences written for this corpus, and tables of numbers.

Each language has headings and sentences about everyday things; ``{n}`` takes a number, so that two
documents never say quite the same.
"""

from __future__ import annotations

ENGLISH = (
    "The ferry leaves the old pier at {n} minutes past the hour, whatever the tide.",
    "Nobody had opened the western gate for {n} years when the locksmith finally came.",
    "Bread that has risen overnight keeps its crust and tastes faintly of apples.",
    "A good map leaves out almost everything, and what it leaves out is a matter of judgement.",
    "Of the {n} lamps along the canal, nearly a third were dark last winter.",
    "The council asked for a second opinion; the engineer gave the same one in shorter words.",
    "Snow had covered the tracks, so the hunters followed the sound of the river instead.",
    "She counted {n} swallows on the wire before the bell drove them off.",
    "Every spring the lower meadow floods, and every summer the hay is better for it.",
    "The clock in the station hall has been four minutes fast since anyone can remember.",
    "Glass made from this sand turns green, which the monks took for a blessing.",
    "In {n} the weavers moved their looms to the upper floors, where the light was better.",
    "A letter that is never sent can still change the person who wrote it.",
    "The bridge carries {n} carts a day, although it was built for half as many.",
    "Copper roofs sing in the heat; lead roofs only sigh.",
    "Between the two villages runs a path so narrow that goats insist on the right of way.",
    "The archive holds {n} boxes, and each of them smells of a different decade.",
    "What the miller saved in water he lost in patience.",
    "The orchestra tuned for so long that the audience began to applaud.",
    "Salt was cheaper than rope in those days, and rope was cheaper than advice.",
    "The survey lists {n} wells, of which seven are no longer used.",
    "On clear evenings the lighthouse can be seen from the kitchen of the inn.",
    "He repaired umbrellas in the mornings and taught geometry after lunch.",
    "Paper remembers the hand that folded it, even when it is pressed flat again.",
    "The northern quarry closed in {n}, and birches have taken the upper terraces.",
    "They agreed on the price at once and argued about the colour for a week.",
    "A river measured twice gives two lengths; the longer one is usually closer to the truth.",
    "The school garden supplied {n} households with beans that year.",
    "Wind from the east brings coal dust, wind from the west brings the smell of bread.",
    "No two bells of the carillon were cast by the same founder.",
    "The committee met on Tuesdays because the stove was lit on Tuesdays.",
    "From the tower one sees {n} chimneys and exactly one palm tree.",
    "An apprentice learned to sharpen before he was allowed to cut.",
    "The harbour froze so quickly that the gulls walked home.",
    "Of all the instruments in the cabinet only the barometer still told the truth.",
    "The printer kept {n} letters e in reserve and never enough of the letter k.",
)
ENGLISH_HEADINGS = (
    "Harbour and Ferries",
    "The Western Gate",
    "On Measuring Rivers",
    "Letters Received",
    "Work of the Year",
    "Notes for the Council",
    "Lamps and Wells",
    "What Remains to Be Done",
)
GERMAN = (
    "Die Fähre legt um {n} Minuten nach der vollen Stunde ab, gleichgültig wie das Wasser steht.",
    "Über den Dächern hängt im Winter ein süßlicher Geruch von Äpfeln und Torf.",
    "Das Stadtarchiv verwahrt {n} Kästen, und jeder riecht nach einem anderen Jahrzehnt.",
    "Wer die Brücke überqueren wollte, zahlte dem Zöllner einen Groschen und grüßte höflich.",
    "Im Frühjahr wird die untere Wiese überschwemmt; das Heu ist danach umso besser.",
    "Der Uhrmacher prüfte das Läutewerk zweimal und fand {n} fehlende Zähne.",
    "Straßen aus Kopfsteinpflaster trocknen schneller, als man ihnen zutraut.",
    "Niemand weiß, weshalb die größte Glocke tiefer klingt, als ihr Maß vermuten lässt.",
    "Der Müller sparte am Wasser und verlor dabei die Geduld.",
    "Zwischen den beiden Dörfern liegt ein schmaler Weg, den die Ziegen für sich beanspruchen.",
    "Nach {n} Jahren öffnete der Schlosser das westliche Tor in weniger als einer Minute.",
    "Gemessen wurde mit einer Schnur, gerechnet mit Bohnen, gestritten bis in die Nacht.",
)
GERMAN_HEADINGS = (
    "Fähren und Brücken",
    "Über das Läutewerk",
    "Maße und Gewichte",
    "Was übrig blieb",
)
FRENCH = (
    "Le bac quitte l’ancien quai à la minute {n}, quelle que soit la marée.",
    "Près de la forêt, on récoltait jadis du miel très foncé, presque amer.",
    "L’archiviste a compté {n} boîtes, dont la dernière était vide.",
    "Où passe le chemin des chèvres, aucune charrette n’ose s’engager.",
    "Ça sent le pain dès l’aube, et les élèves arrivent en avance.",
    "Le maître horloger préférait les ressorts français aux poids trop lourds.",
    "Même gelée, la rivière garde sous la glace un léger murmure.",
    "On éclairait le canal avec {n} lampes à huile, allumées à la tombée du jour.",
    "Ce que le meunier épargnait en eau, il le perdait en patience.",
    "Les cloches, fondues à des époques différentes, ne s’accordent jamais tout à fait.",
    "Un pont bâti pour cent voitures en porte aujourd’hui {n} sans se plaindre.",
    "L’été, le cuivre des toits chante ; le plomb, lui, soupire.",
)
FRENCH_HEADINGS = ("Le quai et le bac", "L’horloge de la gare", "Mesures anciennes", "Ce qui reste")
CHINESE = (
    "渡船每小时过{n}分离开旧码头，无论潮水涨落。",
    "西门关闭多年，锁匠终于来了，不到一分钟便把它打开。",
    "一张好地图几乎省略了一切，省略什么全凭眼力。",
    "运河边的{n}盏灯里，去年冬天有三分之一没有点亮。",
    "每年春天低处的草地都会被淹，夏天的干草却因此更好。",
    "车站大厅的钟一向快四分钟，谁也不记得从何时开始。",
    "档案馆里有{n}只箱子，每只都有不同年代的气味。",
    "磨坊主省下了水，却失去了耐心。",
    "两个村子之间的小路很窄，山羊坚持要先走。",
    "晴朗的傍晚，从客栈的厨房可以望见灯塔。",
    "委员会总在星期二开会，因为炉子只在星期二生火。",
    "印刷工人备有{n}个常用字，却总是缺少最需要的那一个。",
)
CHINESE_HEADINGS = ("码头与渡船", "西门", "测量河流", "余下的工作")
RUSSIAN = (
    "Паром отходит от старого причала в {n} минут каждого часа, какой бы ни была вода.",
    "Западные ворота не открывали много лет, пока не пришёл слесарь.",
    "Хорошая карта опускает почти всё, и в этом состоит её искусство.",
    "Из {n} фонарей вдоль канала прошлой зимой не горела треть.",
    "Каждую весну нижний луг заливает, зато летом сено здесь лучше, чем где-либо.",
    "Часы на вокзале спешат на четыре минуты с тех пор, как их помнят.",
    "В архиве хранится {n} ящиков, и каждый пахнет своим десятилетием.",
    "Мельник берёг воду и терял терпение.",
    "Между двумя деревнями идёт узкая тропа, и козы уступать её не намерены.",
    "Ясными вечерами из кухни постоялого двора виден маяк.",
    "Комитет собирался по вторникам, потому что по вторникам топили печь.",
    "Печатник держал про запас {n} букв, но нужной всегда не хватало.",
)
RUSSIAN_HEADINGS = (
    "Причал и паром",
    "Западные ворота",
    "Как измерить реку",
    "Что осталось сделать",
)

LANGUAGES = {
    "en": (ENGLISH_HEADINGS, ENGLISH),
    "de": (GERMAN_HEADINGS, GERMAN),
    "fr": (FRENCH_HEADINGS, FRENCH),
    "zh": (CHINESE_HEADINGS, CHINESE),
    "ru": (RUSSIAN_HEADINGS, RUSSIAN),
}
PLACES = (
    "Northhaven",
    "Oldbridge",
    "Saltmarsh",
    "Upper Mill",
    "Westgate",
    "Eastferry",
    "Longmeadow",
)
GOODS = ("Barley", "Salt fish", "Copper", "Linen", "Glass", "Rope", "Paper", "Honey")
