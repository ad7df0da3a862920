//! The timetable as a picture: well-formed whatever it shows, told in words too, and safe to open by itself.

use super::{Route, body, id, json, meetings, new_step, region, step, timetable};
use reqwest::Method;
use roxmltree::{Document, Node};
use yhteen_tests::{Caller, both};

async fn picture(reader: &Caller, at: &str, query: &str) -> String {
    let reply = reader.get(&format!("{at}/timetable.svg{query}")).await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, Some("image/svg+xml")), "{}", reply.text);
    reply.text
}

/// The texts of all elements of a name, in the order of the picture.
fn texts(svg: &str, element: &str) -> Vec<String> {
    let document = Document::parse(svg).unwrap_or_else(|error| panic!("{error}: {svg}"));
    let own = |node: Node<'_, '_>| {
        node.children().filter_map(|it| it.is_text().then(|| it.text())?.map(str::to_owned)).collect()
    };
    document.descendants().filter(|node| node.has_tag_name(element)).map(own).collect()
}

/// What is written in the picture.
fn written(svg: &str) -> Vec<String> {
    texts(svg, "text")
}

both! {
    async fn a_picture_shows_the_route_and_tells_it_in_words(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let svg = picture(&anyone, &route.at, "?lang=fi").await;
        let document = Document::parse(&svg).unwrap();
        let root = document.root_element();
        let attribute = |name: &str| root.attribute(name);
        assert_eq!((attribute("role"), attribute("lang")), (Some("img"), Some("fi")));
        let told: Vec<_> = attribute("aria-labelledby").unwrap().split(' ').collect();
        let named: Vec<_> = root.children().filter(|it| it.attribute("id").is_some()).collect();
        assert_eq!(named.iter().map(|it| it.attribute("id").unwrap()).collect::<Vec<_>>(), told);
        assert_eq!(
            named[1].text().unwrap(),
            "Toimenpide voi alkaa ajallaan: aikaisintaan 23.6.2026, ja tavoite on 1.7.2026. Kriittinen ketju: Kouvola, \
             Kaupunginhallitus: valmistelu 2.2. → Kouvola, Kaupunginvaltuusto: päätös 2.3. → lainvoima 16.4. → \
             Seurakunta, Kirkkovaltuusto: päätös 7.5. → lainvoima 23.6. → aloitus."
        );
        let written = written(&svg);
        for text in [
            "Kouvola", "Seurakunta", "Kaupunginhallitus", "Kaupunginvaltuusto", "Kirkkovaltuusto", "2.2. Käsittely",
            "2.3. Käsittely", "7.5. Käsittely", "Tänään 15.1.2026", "Tavoite 1.7.2026", "Voi alkaa 23.6.2026",
            "Suunnitelma: jokainen käsittely mahdollisimman varhain · Laskettu 15.1.2026", "tammi", "2026", "lainvoima",
        ] {
            assert!(written.iter().any(|it| it == text), "no {text} in {written:?}");
        }
        // Nothing that a word processor or a strict policy would not show.
        for element in ["foreignObject", "script", "image", "use", "a"] {
            assert!(!document.descendants().any(|it| it.has_tag_name(element)), "{element}");
        }
        assert!(!svg.contains("url(") && !svg.contains("@import") && svg.matches("http").count() == 1, "{svg}");
    }

    async fn its_words_are_in_the_language_of_the_reader_and_its_colours_as_asked(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let asked = |languages: &'static str, query: &'static str| {
            let request = anyone.request(Method::GET, &format!("{}/timetable.svg{query}", route.at));
            anyone.send(request.header("accept-language", languages))
        };
        for (languages, query, today) in [
            ("", "", "Today 15 Jan 2026"),
            ("sv, fi;q=0.5", "", "I dag den 15 januari 2026"),
            ("sv", "?lang=fi", "Tänään 15.1.2026"),
        ] {
            let reply = asked(languages, query).await;
            assert!(written(&reply.text).contains(&today.to_owned()), "{languages} {query}: {}", reply.text);
        }
        let styles = [("?theme=auto", true, "#ffffff"), ("?theme=light", false, "#ffffff"), ("?theme=dark", false, "#14181d")];
        for (query, left_open, paper) in styles {
            let svg = picture(&anyone, &route.at, query).await;
            assert_eq!(svg.contains("prefers-color-scheme"), left_open, "{query}");
            assert!(texts(&svg, "style")[0].contains("@media print"), "{query}");
            let document = Document::parse(&svg).unwrap();
            let first = document.descendants().find(|it| it.has_tag_name("rect")).unwrap();
            assert_eq!(first.attribute("fill"), Some(paper), "{query}");
        }
        let late = picture(&anyone, &route.at, "?lang=sv&now=2026-03-25T10:00:00Z").await;
        let reason = "– Kouvola, Kaupunginhallitus, Käsittely: i den publicerade sammanträdeskalendern finns inget \
            lämpligt sammanträde; ett sammanträde vars tidsfrist för föredragningslistan går ut tidigast den 28 mars 2026 skulle passa";
        let hints = texts(&late, "title");
        assert!(hints.iter().any(|it| it == reason), "{hints:?}");
        assert!(written(&late).contains(&"Den tidigast möjliga starten är ännu inte känd.".to_owned()), "{late}");
    }

    async fn a_handling_that_put_a_matter_off_or_refused_it_is_drawn_where_it_was(world: World) {
        let route = Route::new(&world).await;
        let city = &route.region.city;
        world.set_clock("2026-03-03T10:00:00Z");
        let handle = async |step: usize, meeting: &str, outcome: &str| {
            let path = format!("/api/v1/decision-steps/{}/handlings", route.steps[step]);
            let handling = json!({"meeting_id": meeting, "outcome": outcome});
            world.renewed(&city.editor).post(&path, handling).await.expect(201);
        };
        handle(0, &route.meetings[0][1], "tabled").await;
        let svg = picture(&world.anonymous(), &route.at, "?lang=fi").await;
        assert!(written(&svg).contains(&"pöydätty tai palautettu".to_owned()), "{svg}");
        let hint = "Kouvola, Kaupunginhallitus, Käsittely\npöydätty 2.2.2026";
        assert!(texts(&svg, "title").iter().any(|it| it == hint), "{svg}");
        handle(1, &route.meetings[1][1], "rejected").await;
        let svg = picture(&world.anonymous(), &route.at, "?lang=sv").await;
        for word in ["bordlagt eller återremitterat", "avslaget eller tillbakadraget"] {
            assert!(written(&svg).contains(&word.to_owned()), "{svg}");
        }
    }

    async fn it_can_be_opened_by_itself_and_saved_under_a_name(world: World) {
        let region = region(&world).await;
        let at = region.draft("ÄÖ-1.2", "public").await;
        let reply = region.city.viewer.get(&format!("{at}/timetable.svg")).await;
        let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox";
        assert_eq!(reply.header("content-security-policy"), Some(policy));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        let name = "inline; filename=\"AO-1.2-timetable.svg\"; filename*=UTF-8''%C3%84%C3%96%2D1.2%2Dtimetable.svg";
        assert_eq!(reply.header("content-disposition"), Some(name));
        assert!(written(&reply.text).iter().any(|it| it.starts_with("The action has no decision steps.")), "{}", reply.text);
    }

    async fn the_same_picture_has_the_same_tag_all_day_long(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        let path = format!("{}/timetable.svg", route.at);
        let tag = anyone.get(&path).await.header("etag").unwrap().to_owned();
        let ask = |tag: &str| anyone.send(anyone.request(Method::GET, &path).header("if-none-match", tag));
        world.set_clock("2026-01-15T21:59:59Z");
        let same = ask(&tag).await;
        assert_eq!((same.status.as_u16(), same.header("etag"), same.text.as_str()), (304, Some(tag.as_str()), ""));
        assert_ne!(anyone.get(&format!("{path}?theme=dark")).await.header("etag"), Some(tag.as_str()));
        let second = format!("/api/v1/meetings/{}:cancel", route.meetings[1][3]);
        world.renewed(&route.region.city.editor).act(&second).await.expect(200);
        let cancelled = ask(&tag).await;
        assert_eq!(cancelled.status, 200);
        assert!(written(&cancelled.text).contains(&"cancelled meeting".to_owned()), "{}", cancelled.text);
        world.set_clock("2026-01-15T22:00:00Z");
        assert_eq!(ask(cancelled.header("etag").unwrap()).await.status, 200);
    }

    async fn whatever_names_contain_it_is_well_formed(world: World) {
        let route = Route::new(&world).await;
        let odd = "]]></text><script>alert(1)</script> & \"'\u{FFFF}\u{1F600} <!-- --> €";
        let name = json!({"name": {"fi": odd}});
        route.parish.admin.change(&format!("/api/v1/bodies/{}", route.bodies[2]), name).await.expect(200);
        let long = "Hyvinvointialueenyhteispalvelulautakunta".repeat(5);
        let title = json!({"title": {"fi": odd, "sv": long}});
        route.region.city.editor.change(&route.at, title).await.expect(200);
        for query in ["?lang=fi", "?lang=sv&theme=dark", "?lang=fi&now=2026-03-25T10:00:00Z"] {
            let svg = picture(&world.anonymous(), &route.at, query).await;
            let seen = odd.replace('\u{FFFF}', "\u{FFFD}");
            let told = texts(&svg, "title");
            let title = if query.contains("sv") { &long } else { &seen };
            assert_eq!(&told[0], title, "{svg}");
            assert!(told.contains(&seen) && texts(&svg, "script").is_empty(), "{svg}");
        }
    }

    async fn a_picture_of_thousands_of_years_stays_small(world: World) {
        let route = Route::new(&world).await;
        let anyone = world.anonymous();
        for (far, year) in [("1900-01-01T00:00:00Z", "1950"), ("8000-12-31T23:59:59Z", "8000")] {
            let svg = picture(&anyone, &route.at, &format!("?lang=en&now={far}")).await;
            assert!(svg.len() < 100_000 && written(&svg).contains(&year.to_owned()), "{svg}");
        }
        route.starts_on(Some("7999-12-31")).await;
        let svg = picture(&anyone, &route.at, "?lang=en").await;
        assert!(svg.len() < 100_000 && written(&svg).contains(&"Target 31 Dec 7999".to_owned()), "{svg}");
    }

    async fn what_has_no_place_is_shown_without_one(world: World) {
        let region = region(&world).await;
        let council = body(&region.city, "council", "Valtuusto", 7).await;
        meetings(&region.city, &council, &[("2026-01-05", "16:00", "18:00", "2025-12-28")]).await;
        let at = region.draft("A1", "public").await;
        step(&region.city, &at, new_step(&council, "decision", &[])).await;
        let seen = timetable(&region.city.viewer, &at, "").await;
        assert_eq!(seen["verdict"], "unknown");
        let svg = picture(&region.city.viewer, &at, "?lang=fi").await;
        let written = written(&svg);
        assert!(written.contains(&"Käsittely: ei ajankohtaa".to_owned()), "{written:?}");
        let action = region.city.viewer.get(&at).await.expect(200);
        assert!(!svg.contains(&id(&action)), "{svg}");
    }
}
