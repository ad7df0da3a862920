//! What would bring the start of an action forward.

use super::{Route, Value, both, json, region};
use crate::statements::count;

fn texts(levers: &Value) -> Vec<&str> {
    levers["items"].as_array().unwrap().iter().map(|lever| lever["text"].as_str().unwrap()).collect()
}

both! {
    /// The board decides on 2 February, the council on 2 March, final on 16 April; the parish council on 7 May, final on
    /// 23 June.
    async fn the_levers_of_a_route_through_three_bodies(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let path = format!("{}/timetable/levers", route.at);
        let seen = anyone.get(&path).await.expect(200);
        assert_eq!(texts(&seen), [
            // From 8 May on, the day after the parish council.
            "Start when all is decided, without waiting for legal force: start 46 days earlier",
            // All of these bring the parish council to 21 April: minutes 27 April, notice 4 May, 30 days: 3 June.
            // The draft is ready on Sunday 18 January at 12:00: the agenda of 25 January is closed on the Friday before,
            // that of 26 January on Monday. The council's agenda of
            // 9 February is closed on 30 January at 12:00, before the board's meeting of that day ends.
            "Extra meeting of Kouvola Kaupunginhallitus between 26 and 29 January: start 19 days earlier",
            // After the board of 2 February its agenda can be closed on 3 February. On 1 March: minutes 8 March, notice
            // 15 March, 30 days: 14 April, in time for the agenda that is closed on 15 April.
            "Extra meeting of Kouvola Kaupunginvaltuusto between 10 February and 1 March: start 19 days earlier",
            // Closed on 13 January, needed on the 18th.
            "Kouvola Kaupunginhallitus lets the matter in 5 days late for its meeting of 19 January: start 19 days earlier",
            // Closed on 30 January, needed after the evening of 2 February.
            "Kouvola Kaupunginvaltuusto lets the matter in 4 days late for its meeting of 9 February: start 19 days earlier",
            // Closed on 15 April at 12:00, needed on 16 April.
            "Seurakunta Kirkkovaltuusto lets the matter in a day late for its meeting of 21 April: start 19 days earlier",
            "Kouvola Kaupunginvaltuusto prepares in parallel with Kouvola Kaupunginhallitus: start 19 days earlier",
            "Seurakunta Kirkkovaltuusto prepares in parallel with Kouvola Kaupunginvaltuusto: start 19 days earlier",
            // Its agenda is closed on 16 April: minutes 29 April, notice 6 May, 30 days: Friday 5 June. A day later they
            // would end on a Saturday.
            "Extra meeting of Seurakunta Kirkkovaltuusto on 23 April: start 17 days earlier",
        ]);
        let [prepares, decides, _] = &route.steps;
        assert_eq!(seen["items"][1], json!({
            "kind": "extra_meeting", "step_id": prepares, "body_id": route.bodies[0],
            "organisation_id": route.region.city.id, "opaque": false, "meeting_id": null, "days": null,
            "depends_on_step_id": null, "from": "2026-01-26", "to": "2026-01-29", "earliest_on": "2026-06-04",
            "gain_days": 19, "text": seen["items"][1]["text"]
        }));
        assert_eq!((&seen["items"][4]["meeting_id"], &seen["items"][7]["depends_on_step_id"]), (&json!(route.meetings[1][0]), &json!(decides)));
        assert_eq!(seen["next"], Value::Null);

        let fi = anyone.get(&format!("{path}?lang=fi")).await.expect(200);
        assert_eq!(texts(&fi)[..5], [
            "Aloitus heti päätösten jälkeen lainvoimaa odottamatta: aloitus 46 päivää aikaisemmin",
            "Ylimääräinen kokous, Kouvola, Kaupunginhallitus, 26.–29.1.: aloitus 19 päivää aikaisemmin",
            "Ylimääräinen kokous, Kouvola, Kaupunginvaltuusto, 10.2.–1.3.: aloitus 19 päivää aikaisemmin",
            "Kouvola, Kaupunginhallitus: asia 5 päivää määräajan jälkeen kokoukseen 19.1.: aloitus 19 päivää aikaisemmin",
            "Kouvola, Kaupunginvaltuusto: asia 4 päivää määräajan jälkeen kokoukseen 9.2.: aloitus 19 päivää aikaisemmin",
        ]);
        let sv = anyone.get(&format!("{path}?lang=sv")).await.expect(200);
        assert_eq!(texts(&sv)[5..], [
            "Seurakunta, Kirkkovaltuusto: ärendet en dag efter tidsfristen till sammanträdet den 21 april: start 19 dagar tidigare",
            "Kouvola, Kaupunginvaltuusto: beredning samtidigt som Kouvola, Kaupunginhallitus: start 19 dagar tidigare",
            "Seurakunta, Kirkkovaltuusto: beredning samtidigt som Kouvola, Kaupunginvaltuusto: start 19 dagar tidigare",
            "Extra sammanträde, Seurakunta, Kirkkovaltuusto, den 23 april: start 17 dagar tidigare",
        ]);
        assert_eq!(count(&world, &path).await, 8);
    }

    async fn what_has_no_levers_has_none(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        let path = format!("{at}/timetable/levers");
        assert_eq!(region.city.viewer.get(&path).await.expect(200)["items"], json!([]));
        world.anonymous().get(&path).await.refused(404, "request.not_found");
        region.city.viewer.get(&format!("{path}?now=8001-01-01T00:00:00Z")).await.refused(400, "request.bad_parameter");
        region.city.viewer.get(&format!("{path}?objective=latest")).await.refused(400, "request.bad_parameter");
    }
}
