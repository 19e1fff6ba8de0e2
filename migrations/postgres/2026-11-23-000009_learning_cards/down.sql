DROP TABLE learning_card_meetings;
DROP TABLE learning_card_cases;
DROP TABLE learning_cards;
