"""The invented proportions behind the demo data: who, where, when and how, by crime group.

Weights are relative (they need not sum to one) and of the published data's order of size; only
area totals and crime-code shares come from published figures, and those live in `seeds/`.
"""

from dataclasses import dataclass

# Four crime mixes: each multiplies the city's share of a crime group (1 where not named).
ARCHETYPES: dict[str, dict[str, float]] = {
    "vehicle crime": {
        "vehicle_theft": 1.9, "theft_from_vehicle": 1.9, "vandalism_and_arson": 1.2,
        "shoplifting": 0.45, "theft_from_person": 0.6, "other_theft": 0.8, "burglary": 0.75,
        "robbery": 0.7, "aggravated_assault": 0.7, "simple_assault": 0.7,
        "threats_and_court_orders": 0.7, "fraud_and_identity_theft": 0.7,
        "public_order_and_weapons": 0.7,
    },
    "retail theft": {
        "shoplifting": 3.0, "other_theft": 1.7, "theft_from_person": 2.4,
        "public_order_and_weapons": 1.4, "vehicle_theft": 0.5, "burglary": 0.75,
        "theft_from_vehicle": 0.9, "aggravated_assault": 0.7, "threats_and_court_orders": 0.75,
        "vandalism_and_arson": 0.8,
    },
    "violence and robbery": {
        "homicide": 2.4, "robbery": 1.9, "aggravated_assault": 2.0, "simple_assault": 1.45,
        "threats_and_court_orders": 1.3, "sexual_offences": 1.3, "offences_against_children": 1.3,
        "public_order_and_weapons": 1.3, "theft_from_vehicle": 0.55, "other_theft": 0.65,
        "fraud_and_identity_theft": 0.65, "shoplifting": 0.5, "burglary": 0.7,
    },
    "residential burglary and fraud": {
        "burglary": 1.9, "fraud_and_identity_theft": 2.0, "vandalism_and_arson": 1.2,
        "threats_and_court_orders": 1.2, "homicide": 0.5, "robbery": 0.45,
        "aggravated_assault": 0.5, "shoplifting": 0.45, "theft_from_person": 0.4,
        "simple_assault": 0.8, "public_order_and_weapons": 0.7,
    },
}  # fmt: skip

# How many of the districts each archetype holds, in the order above.
ARCHETYPE_SHARES = (0.26, 0.22, 0.26, 0.26)

# Change of a crime group's share per decade (log scale): mixes move slowly over the years.
GROUP_TRENDS = {
    "vehicle_theft": 0.35, "theft_from_vehicle": 0.05, "shoplifting": 0.20, "burglary": -0.10,
    "robbery": -0.15, "aggravated_assault": 0.20, "fraud_and_identity_theft": 0.10,
    "threats_and_court_orders": -0.10, "theft_from_person": -0.15,
}  # fmt: skip

# Weight of an hour at the middle of each three-hour span from midnight; hours between are
# interpolated. The second figure multiplies Friday to Sunday.
HOUR_PROFILES: dict[str, tuple[tuple[float, ...], float]] = {
    "waking": ((10, 5, 7, 14, 14, 15, 17, 14), 1.03),
    "night": ((17, 9, 6, 9, 13, 14, 17, 16), 1.18),
    "daytime": ((4, 2, 6, 15, 21, 17, 11, 5), 0.88),
    "kerbside": ((9, 6, 7, 10, 12, 16, 22, 17), 1.02),
    "arrest": ((14, 6, 7, 12, 13, 16, 16, 16), 1.05),
}

MONTH_WEIGHTS = (1.00, 0.95, 0.98, 0.98, 1.01, 1.00, 1.03, 1.03, 1.00, 1.03, 0.99, 1.00)

PREMISES = {
    101: "STREET", 102: "SIDEWALK", 103: "ALLEY", 104: "DRIVEWAY", 108: "PARKING LOT",
    109: "PARK/PLAYGROUND", 122: "VEHICLE, PASSENGER/TRUCK",
    123: "PARKING UNDERGROUND/BUILDING", 124: "BUS STOP", 202: "LIQUOR STORE",
    203: "OTHER BUSINESS", 207: "BAR/COCKTAIL/NIGHTCLUB", 210: "RESTAURANT/FAST FOOD",
    221: "PUBLIC STORAGE", 301: "GAS STATION", 401: "MINI-MART", 402: "MARKET",
    403: "DRUG STORE", 404: "DEPARTMENT STORE", 405: "CLOTHING STORE", 406: "OTHER STORE",
    501: "SINGLE FAMILY DWELLING", 502: "MULTI-UNIT DWELLING (APARTMENT, DUPLEX, ETC)",
    503: "HOTEL", 505: "MOTEL", 602: "BANK", 701: "HOSPITAL", 702: "OFFICE BUILDING/OFFICE",
    707: "GARAGE/CARPORT", 710: "OTHER PREMISE", 721: "HIGH SCHOOL", 750: "CYBERSPACE",
    801: "MTA BUS",
}  # fmt: skip

PREMISE_MIXES: dict[str, dict[int, float]] = {
    "kerb": {101: 60, 108: 18, 104: 7, 123: 5, 707: 4, 501: 3, 103: 2, 301: 1, 203: 1},
    "shop": {404: 28, 402: 15, 203: 14, 406: 13, 403: 9, 405: 9, 401: 7, 210: 4, 202: 1},
    "home": {501: 43, 502: 25, 203: 9, 707: 5, 702: 4, 210: 4, 101: 3, 221: 3, 602: 2, 750: 2},
    "open air": {101: 33, 102: 27, 108: 9, 502: 7, 501: 6, 103: 4, 203: 4, 401: 3, 210: 3,
                 124: 2, 301: 2, 109: 2, 801: 2, 207: 1},
    "mixed": {502: 20, 501: 19, 101: 15, 102: 14, 203: 8, 108: 6, 210: 5, 710: 3, 721: 2,
              207: 2, 701: 2, 109: 2, 801: 2, 505: 1, 503: 1},
    "vandalism": {122: 34, 101: 14, 501: 13, 502: 11, 203: 8, 108: 7, 104: 3, 210: 2, 402: 1},
}  # fmt: skip

WEAPONS = {
    101: "REVOLVER", 102: "HAND GUN", 106: "UNKNOWN FIREARM", 109: "SEMI-AUTOMATIC PISTOL",
    200: "KNIFE WITH BLADE 6INCHES OR LESS", 204: "FOLDING KNIFE", 205: "KITCHEN KNIFE",
    207: "OTHER KNIFE", 212: "BOTTLE", 302: "BLUNT INSTRUMENT", 304: "CLUB/BAT",
    306: "ROCK/THROWN OBJECT", 307: "VEHICLE", 308: "STICK", 312: "PIPE/METAL PIPE",
    400: "STRONG-ARM (HANDS, FIST, FEET OR BODILY FORCE)", 500: "UNKNOWN WEAPON/OTHER WEAPON",
    506: "FIRE", 511: "VERBAL THREAT", 512: "MACE/PEPPER SPRAY",
}  # fmt: skip

WEAPON_MIXES: dict[str, dict[int, float]] = {
    "force": {400: 88, 500: 7, 511: 2, 512: 1, 212: 1, 306: 1},
    "armed": {102: 18, 400: 16, 500: 11, 106: 7, 109: 7, 207: 7, 200: 7, 307: 4, 212: 4, 308: 3,
              312: 3, 302: 3, 304: 3, 306: 3, 205: 2, 101: 2, 204: 1},
    "robbery": {400: 47, 102: 24, 500: 7, 106: 5, 109: 5, 200: 4, 207: 4, 101: 2, 512: 2},
    "threat": {511: 88, 500: 6, 102: 3, 207: 2, 400: 1},
    "damage": {500: 42, 306: 28, 506: 12, 304: 8, 400: 6, 308: 4},
}  # fmt: skip


@dataclass(frozen=True)
class CrimeShape:
    """How the reports of one crime group look; probabilities unless a unit is named."""

    hours: str  # key of HOUR_PROFILES
    premises: str  # key of PREMISE_MIXES
    weapons: str  # key of WEAPON_MIXES
    has_weapon: float
    victim_is_absent: float  # no victim recorded: sex and descent null, age 0
    victim_is_organisation: float  # sex X, descent X, age 0
    female: float  # among persons
    age_years: float  # mean age of persons
    reported_same_day: float
    lag_days: float  # median days to the report, of those not reported the same day
    reported_after_a_year: float
    adult_arrest: float  # status AA
    adult_other: float  # status AO


CRIME_SHAPES = {
    "homicide": CrimeShape(
        "night", "open air", "armed", 1.0, 0, 0.01, 0.14, 36, 0.85, 2, 0.01, 0.38, 0.12),
    "robbery": CrimeShape(
        "night", "open air", "robbery", 1.0, 0, 0.08, 0.27, 36, 0.82, 1, 0.001, 0.16, 0.09),
    "aggravated_assault": CrimeShape(
        "night", "open air", "armed", 1.0, 0, 0.03, 0.37, 36, 0.82, 2, 0.002, 0.25, 0.17),
    "simple_assault": CrimeShape(
        "waking", "mixed", "force", 0.98, 0, 0.02, 0.56, 38, 0.80, 2, 0.003, 0.11, 0.25),
    "threats_and_court_orders": CrimeShape(
        "waking", "mixed", "threat", 0.45, 0, 0.03, 0.60, 40, 0.63, 4, 0.005, 0.13, 0.25),
    "burglary": CrimeShape(
        "waking", "home", "damage", 0.06, 0.002, 0.19, 0.41, 45, 0.42, 2, 0.002, 0.11, 0.04),
    "vehicle_theft": CrimeShape(
        "kerbside", "kerb", "force", 0.002, 0.995, 0.003, 0.35, 42, 0.31, 2, 0.003, 0.035, 0.035),
    "theft_from_vehicle": CrimeShape(
        "kerbside", "kerb", "damage", 0.02, 0.01, 0.05, 0.40, 41, 0.27, 2, 0.002, 0.015, 0.02),
    "shoplifting": CrimeShape(
        "daytime", "shop", "force", 0.02, 0, 0.50, 0.22, 34, 0.81, 3, 0.001, 0.12, 0.05),
    "theft_from_person": CrimeShape(
        "waking", "open air", "force", 0.40, 0, 0.01, 0.52, 39, 0.66, 2, 0.002, 0.07, 0.03),
    "other_theft": CrimeShape(
        "daytime", "mixed", "damage", 0.02, 0.001, 0.07, 0.44, 41, 0.42, 4, 0.006, 0.025, 0.03),
    "fraud_and_identity_theft": CrimeShape(
        "daytime", "home", "threat", 0.01, 0.01, 0.08, 0.48, 45, 0.24, 14, 0.05, 0.025, 0.04),
    "vandalism_and_arson": CrimeShape(
        "kerbside", "vandalism", "damage", 0.09, 0.002, 0.15, 0.42, 41, 0.53, 2, 0.002, 0.07, 0.06),
    "public_order_and_weapons": CrimeShape(
        "waking", "mixed", "armed", 0.26, 0.001, 0.30, 0.42, 40, 0.82, 2, 0.003, 0.11, 0.11),
    "sexual_offences": CrimeShape(
        "night", "mixed", "force", 0.72, 0, 0.02, 0.90, 29, 0.45, 6, 0.05, 0.15, 0.19),
    "offences_against_children": CrimeShape(
        "waking", "home", "force", 0.68, 0, 0.015, 0.66, 11, 0.46, 8, 0.06, 0.24, 0.38),
    "other_offences": CrimeShape(
        "waking", "mixed", "armed", 0.26, 0.002, 0.15, 0.45, 37, 0.62, 3, 0.01, 0.13, 0.14),
}  # fmt: skip

# Bursts: incidents that follow each one that leads, by crime group. Robberies, sexual offences and
# fights come nearly one by one, burglaries, thefts from vehicles and fraud in series. In real
# months of areas, variance over mean is 1 to 1.1 for the former, 1.8 to 2.4 for the latter and
# about 2 for all crimes; a burst here is of one group, so the latter have rather more than that.
FOLLOWERS = {
    "homicide": 0.03, "robbery": 0.05, "aggravated_assault": 0.6, "simple_assault": 0.1,
    "threats_and_court_orders": 0.1, "burglary": 1.5, "vehicle_theft": 0.7,
    "theft_from_vehicle": 1.8, "shoplifting": 1.0, "theft_from_person": 0.6, "other_theft": 0.8,
    "fraud_and_identity_theft": 1.8, "vandalism_and_arson": 0.6, "public_order_and_weapons": 0.4,
    "sexual_offences": 0.03, "offences_against_children": 0.03, "other_offences": 0.3,
}  # fmt: skip
BURST_DAYS = 7  # mean from one that leads to one that follows
BURST_IN_DISTRICT = 0.2  # of those that follow, in the district of the one that leads

STATUSES = {
    "IC": "Invest Cont", "AA": "Adult Arrest", "AO": "Adult Other", "JA": "Juv Arrest",
    "JO": "Juv Other", "CC": "UNK",
}  # fmt: skip

# Rare codes are rare, but all of them occur.
SEX_ODDITIES = {"H": 6e-5, "N": 3e-5, "-": 2e-5}
VICTIM_DESCENTS = {
    "H": 42, "W": 28, "B": 18, "O": 8, "A": 2.6, "K": 0.5, "F": 0.2, "C": 0.2, "I": 0.1, "J": 0.1,
    "V": 0.06, "P": 0.03, "Z": 0.03, "G": 0.02, "U": 0.02, "D": 0.01, "L": 0.01, "S": 0.01,
    "-": 0.005, "X": 0.6,
}  # fmt: skip
ARREST_DESCENTS = {
    "H": 48, "B": 28, "W": 17, "O": 5, "A": 0.9, "C": 0.2, "F": 0.2, "K": 0.2, "J": 0.1, "G": 0.1,
    "P": 0.05, "I": 0.05, "X": 0.1, "Z": 0.02, "V": 0.02, "U": 0.02, "L": 0.01, "S": 0.01,
    "D": 0.01,
}  # fmt: skip

# Modus operandi codes that go with a taking of property, and with a person confronted.
MO_CODES_PROPERTY = ("0344", "1300", "1822", "0329", "0385", "1606", "0321", "2004", "1607", "0377")
MO_CODES_PERSON = ("0416", "0400", "0446", "1822", "2000", "1813", "1243", "0913", "1202", "0444")
MO_IS_NULL = 0.015
MO_IS_NULL_WITHOUT_VICTIM = 0.97


@dataclass(frozen=True)
class ChargeShape:
    """How the arrests of one charge group look."""

    weight: float  # relative share of arrests
    arrest_type: str  # key of ARREST_TYPE_MIXES
    female: float
    age_years: float  # mean
    charges: tuple[tuple[str, str], ...]  # (charge, charge description)


ARREST_TYPE_MIXES = {
    "felony": {"F": 93, "M": 7},
    "misdemeanor": {"M": 86, "I": 9, "F": 5},
    "infraction": {"I": 72, "M": 28},
    "juvenile": {"D": 80, "O": 20},
    "other": {"O": 60, "M": 40},
}

CHARGE_SHAPES = {
    1: ChargeShape(0.3, "felony", 0.10, 29, (("187(A)PC", "MURDER"),)),
    2: ChargeShape(0.4, "felony", 0.02, 34, (("261(A)(2)PC", "RAPE BY FORCE/FEAR/ETC"),)),
    3: ChargeShape(3.0, "felony", 0.12, 26, (("211PC", "ROBBERY"),)),
    4: ChargeShape(8.5, "felony", 0.20, 33, (
        ("245(A)(1)PC", "ADW NOT FIREARM"), ("273.5(A)PC", "CORPORAL INJURY ON SPOUSE"))),
    5: ChargeShape(3.3, "felony", 0.12, 30, (("459PC", "BURGLARY"),)),
    6: ChargeShape(6.5, "misdemeanor", 0.34, 33, (
        ("484(A)PC", "THEFT OF PROPERTY"), ("487(A)PC", "GRAND THEFT OF PROPERTY"))),
    7: ChargeShape(2.6, "felony", 0.14, 29, (("10851(A)VC", "TAKE VEHICLE W/O OWNER CONSENT"),)),
    8: ChargeShape(5.5, "misdemeanor", 0.24, 34, (
        ("242PC", "BATTERY"), ("243(E)(1)PC", "BATTERY ON SPOUSE/COHABITANT"))),
    9: ChargeShape(0.7, "felony", 0.30, 34, (("470(D)PC", "FORGERY"),)),
    10: ChargeShape(1.1, "felony", 0.32, 34, (("530.5(A)PC", "USE ANOTHER'S IDENTITY"),)),
    11: ChargeShape(0.8, "felony", 0.16, 31, (("496(A)PC", "RECEIVE KNOWN STOLEN PROPERTY"),)),
    12: ChargeShape(3.1, "felony", 0.07, 28, (
        ("25850(A)PC", "CARRY LOADED FIREARM"), ("21310PC", "CARRY CONCEALED DIRK OR DAGGER"))),
    13: ChargeShape(3.4, "misdemeanor", 0.72, 29, (("647(B)PC", "PROSTITUTION"),)),
    14: ChargeShape(0.9, "misdemeanor", 0.06, 37, (("290(B)PC", "SEX OFFENDER REGISTRATION"),)),
    15: ChargeShape(0.6, "felony", 0.42, 33, (("273A(A)PC", "WILLFUL CRUELTY TO CHILD"),)),
    16: ChargeShape(14.0, "misdemeanor", 0.18, 33, (
        ("11377(A)HS", "POSSESS CONTROLLED SUBSTANCE"), ("11350(A)HS", "POSSESS NARCOTIC"))),
    17: ChargeShape(6.5, "infraction", 0.13, 37, (
        ("25620BP", "OPEN ALCOHOLIC BEV IN PUBLIC PLACE"), ("41.27CLAMC", "DRINKING IN PUBLIC"))),
    18: ChargeShape(6.5, "misdemeanor", 0.14, 40, (("647(F)PC", "DRUNK IN PUBLIC"),)),
    19: ChargeShape(0.3, "misdemeanor", 0.22, 32, (("415PC", "FIGHT/CHALLENGE/OFFENSIVE NOISE"),)),
    20: ChargeShape(2.0, "infraction", 0.20, 38, (("41.18DLAMC", "SIT/LIE/SLEEP ON SIDEWALK"),)),
    21: ChargeShape(0.4, "misdemeanor", 0.05, 35, (("330PC", "GAMING"),)),
    22: ChargeShape(9.5, "misdemeanor", 0.18, 33, (
        ("23152(A)VC", "DRUNK DRIVING ALCOHOL/DRUGS"), ("23152(F)VC", "DUI OF ANY DRUG"))),
    23: ChargeShape(7.0, "misdemeanor", 0.18, 34, (("12500(A)VC", "DRIVE W/O LICENSE"),)),
    24: ChargeShape(20.0, "misdemeanor", 0.20, 35, (
        ("853.7PC", "FTA AFTER WRITTEN PROMISE"), ("602(K)PC", "TRESPASSING"),
        ("166(A)(4)PC", "CONTEMPT OF COURT"))),
    25: ChargeShape(0.1, "other", 0.12, 35, (("1326(A)8US", "ILLEGAL RE-ENTRY"),)),
    26: ChargeShape(0.4, "juvenile", 0.36, 14, (("601(A)WI", "BEYOND PARENTAL CONTROL"),)),
    27: ChargeShape(0.3, "other", 0.24, 36, (("5150WI", "MENTAL HEALTH DETENTION"),)),
}  # fmt: skip

# Arrest charges lean modestly with a district's crime mix.
CHARGE_FACTORS: dict[str, dict[int, float]] = {
    "vehicle crime": {7: 1.7, 5: 1.1, 23: 1.3, 22: 1.3, 17: 0.8},
    "retail theft": {6: 1.8, 18: 1.4, 20: 1.5, 17: 1.3, 13: 0.7, 4: 0.8},
    "violence and robbery": {3: 1.5, 4: 1.4, 12: 1.6, 16: 1.2, 13: 1.6, 22: 0.7},
    "residential burglary and fraud": {5: 1.6, 9: 1.5, 10: 1.6, 22: 1.3, 17: 0.6, 20: 0.6},
}

DISPOSITIONS = {
    "MISDEMEANOR COMPLAINT FILED": 44, "FELONY COMPLAINT FILED": 21, "FURTHER INVESTIGATION": 8,
    "PROSECUTOR REJECT": 14, "RELEASED, INSUFFICIENT EVIDENCE": 6, "OTHER (DISPOSITION)": 7,
}  # fmt: skip
JAILS = {4273: "METRO - JAIL DIVISION", 4279: "VALLEY - JAIL DIV", 4212: "77 REG. JAIL"}

# Arrests a year in the whole city: 2010-2019 a smooth fall to the known sum of 1.34 million,
# then the published figures; 2025 ends with July.
ARRESTS_BY_YEAR = {
    2010: 163_000, 2011: 157_000, 2012: 151_000, 2013: 145_000, 2014: 139_000, 2015: 132_000,
    2016: 124_000, 2017: 118_000, 2018: 111_000, 2019: 100_000, 2020: 66_881, 2021: 66_725,
    2022: 61_847, 2023: 65_231, 2024: 70_189, 2025: 40_000,
}  # fmt: skip

# NIBRS cases a year in the whole city. 2024 has what the old feed loses; with their further
# offences, the cases of all years are the 489,955 offences published by 2026-09-29.
NIBRS_CASES_BY_YEAR = {2024: 110_600, 2025: 188_500, 2026: 130_685}
FURTHER_OFFENCES = (0.12, 0.02)  # of cases have a second offence, a third
REPORTS_IN_BOTH_FEEDS = 0.02  # of the old feed's, after the break
NEWEST_DAYS, NEWEST_DAYS_ENTERED = 14, 0.5  # the newest two weeks are short

# Weights of NIBRS codes within their crime group; a code not named weighs 1.
NIBRS_CODE_WEIGHTS = {
    "09A": 95, "11A": 100, "11D": 120, "11B": 15, "11C": 10, "40A": 30, "40C": 20, "90H": 10,
    "360": 20, "120": 100, "13A": 100, "200": 40, "290": 960, "220": 100, "240": 100, "23A": 75,
    "23B": 25, "23F": 830, "23G": 170, "23C": 100, "23H": 700, "23D": 290, "23E": 5, "13B": 100,
    "13C": 95, "210": 3, "26A": 250, "26B": 150, "26C": 60, "26E": 20, "26F": 420, "250": 60,
    "270": 40, "90A": 5, "520": 300, "90J": 420, "90C": 120, "90F": 100, "90Z": 1500, "35A": 300,
    "35B": 60, "280": 120, "100": 60,
}  # fmt: skip
UNKNOWN_NIBRS_CODES = ("26Z", "99Z")
UNKNOWN_NIBRS_CODE = 0.001

# Quirks of the published files, as shares of rows.
DEFAULT_TIME_NOON = 0.018
DEFAULT_TIME_0001 = 0.018
DEFAULT_FIRST_OF_MONTH = 0.014
DEFAULT_NEW_YEAR = 0.0025
DEFAULT_NEW_YEAR_2010 = 0.0067  # 2010-01-01 has four times the next day's rows
ZERO_COORDINATES = 0.0035
COORDINATES_OUTSIDE_CITY = 0.0002
OFF_LAYER_ROWS = 0.0015
OFF_LAYER_CODES = 160
DR_OF_ANOTHER_STATION = 0.003
DR_WITH_LEADING_ZERO = 0.015
UNKNOWN_CRIME_CODES = (998, 999)
UNKNOWN_CRIME_CODE = 0.0005
NULL_CRIME_CODE = 0.00003
SECOND_CRIME_CODE = 0.058
AGE_UNKNOWN = 0.02  # of persons
AGE_MINUS_ONE = 0.0001
AGE_IMPOSSIBLE = 0.00001
STATUS_CHANGED_LATER = 0.08
CODE_CHANGED_LATER = 0.02
NULL_CHARGE_GROUP_TO_2019 = 0.067

# Places
HIGH_VOLUME_SHARE = 0.04  # of districts
EMPTY_SHARE = 0.015
DRIFTING_SHARE = 0.2
YEARLY_DRIFT = 0.05  # of a district's volume within its area: a step a year, log scale
LOG_VOLUME_SD = 0.85

# Street names of no place.
STREET_NAMES = (
    "ALDERMOOR", "ASHQUAY", "BELLWETHER", "BRACKENFELL", "CINDERHAM", "COPPERGATE", "DAWNRIDGE",
    "DUSKMERE", "ELDERFORD", "EMBERLEY", "FALLOWDENE", "FERNMARSH", "GLASSWATER", "GORSEBANK",
    "HALCYON MOOR", "HOLLOWBROOK", "INKWELL", "IVORYSTONE", "JUNIPER VALE", "KESTREL MERE",
    "LANTERNHOLM", "LARKSPUR DEAN", "MARLSTONE", "MOONHAVEN", "NETTLECOMBE", "NORTHSPIRE",
    "OAKENSHAW", "OTTERBOURNE", "PEBBLECREST", "PLOVERFIELD", "QUARRYDALE", "QUILLHURST",
    "RAVENSCAR", "ROOKWOOD", "SABLECREEK", "SORRELTON", "THISTLEDOWN", "TINDERBOX", "UMBERFIELD",
    "VESPERLY", "WILLOWMARCH", "WINDROSE", "YARROWBY", "ZEPHYR HOLLOW",
)  # fmt: skip
STREET_SUFFIXES = ("ST", "AV", "BL", "PL", "DR", "WY")
